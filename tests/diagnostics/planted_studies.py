"""Made-up case-control studies whose truth is planted, as text of study tables."""

import numpy as np

HEADER = "study,locus,ethnicity,year,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"


def study(rng, n, log_or, *, frequency=None):
    """Genotypes of n cases and n controls in equilibrium, with a log odds ratio per C allele."""
    f = rng.uniform(0.25, 0.45) if frequency is None else frequency
    controls = np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
    cases = controls * np.exp(log_or * np.arange(3))
    return rng.multinomial(n, cases / cases.sum()), rng.multinomial(n, controls)


def consistent(odds_ratio, k, low, high, *, tau=0.0):
    """k studies of low to high cases about one odds ratio."""

    def make(rng):
        for _ in range(k):
            log_or = np.log(odds_ratio) + tau * rng.normal()
            yield "", *study(rng, int(rng.integers(low, high)), log_or)

    return make


def one_large(odds_ratio, n, k):
    """One large study with an association, and k small ones without."""

    def make(rng):
        yield "", *study(rng, n, np.log(odds_ratio))
        for _ in range(k):
            yield "", *study(rng, int(rng.integers(80, 200)), 0.0)

    return make


def biased_small(k, large):
    """k small studies whose odds ratios grow with their standard errors, and large null ones."""

    def make(rng):
        for _ in range(k):
            n = int(rng.integers(80, 250))
            yield "", *study(rng, n, 0.35 * np.sqrt(200 / n))
        for _ in range(large):
            yield "", *study(rng, int(rng.integers(1500, 3000)), 0.0)

    return make


def selected(k, large):
    """k small null studies published for their significance, and large ones whatever they find."""

    def make(rng):
        published = 0
        while published < k:
            cases, controls = study(rng, int(rng.integers(60, 300)), 0.0)
            a, c = cases @ [0, 1, 2], controls @ [0, 1, 2]
            b, d = 2 * cases.sum() - a, 2 * controls.sum() - c
            z = np.log(a * d / (b * c)) / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
            if z > 1.96 or (z > 0 and rng.uniform() < 0.1):
                published += 1
                yield "", cases, controls
        for _ in range(large):
            yield "", *study(rng, int(rng.integers(1500, 3000)), 0.0)

    return make


def opposite(odds_ratio, k):
    """An association in one ancestry, and the opposite one in the other."""

    def make(rng):
        for i in range(k):
            ancestry, sign = ("Asian", 1) if i % 2 else ("European", -1)
            yield ancestry, *study(rng, int(rng.integers(400, 800)), sign * np.log(odds_ratio))

    return make


def misgenotyped(k, wrong):
    """Null studies; in some, 60% of the controls' heterozygotes are taken for AA."""

    def make(rng):
        for i in range(k):
            cases, controls = study(rng, int(rng.integers(250, 400)), 0.0, frequency=0.35)
            if i < wrong:
                lost = int(0.6 * controls[1])
                controls = controls + np.array([lost, -lost, 0])
            yield "", cases, controls

    return make


def tables(make, replicates, seed):
    """Text of one table with `replicates` loci L0, L1, …, each a meta-analysis of its own."""
    rng = np.random.default_rng(seed)
    lines = [HEADER]
    for i in range(replicates):
        for j, (ancestry, cases, controls) in enumerate(make(rng)):
            cells = ",".join(map(str, [*cases, *controls]))
            lines.append(f"Study {j},L{i},{ancestry},{2000 + j},{cells}")
    return "\n".join(lines) + "\n"
