"""A made-up project of a repeat in five ancestries, with a planted log odds ratio per repeat."""

import numpy as np

from genopool.simulation.sampling import draw_frequencies, draw_genotypes, genotypes

LENGTHS = tuple(range(14, 24))
#: Of the lengths above, in each ancestry: two peaks at 19 and 18, or 17.
ANCESTRIES = {
    "European": (0.002, 0.004, 0.02, 0.05, 0.18, 0.62, 0.08, 0.03, 0.012, 0.002),
    "East Asian": (0.002, 0.01, 0.05, 0.16, 0.28, 0.36, 0.08, 0.04, 0.016, 0.002),
    "South Asian": (0.002, 0.008, 0.03, 0.1, 0.22, 0.5, 0.09, 0.03, 0.018, 0.002),
    "African": (0.006, 0.02, 0.07, 0.22, 0.21, 0.3, 0.1, 0.05, 0.02, 0.004),
    "Hispanic": (0.002, 0.006, 0.03, 0.08, 0.2, 0.53, 0.1, 0.03, 0.018, 0.004),
}
CONFIG = """\
title: Made-up repeat in five ancestries
outcome: a made-up disease
loci:
  CA: {label: Made-up (CA)n repeat, kind: repeat, effect_alleles: ["19", "<19"]}
models: [allelic, dominant]
strata:
  ethnicity: {groups: {European: [], East Asian: [], South Asian: [], African: [], Hispanic: []}}
"""
HEADER = "study,population,locus,ethnicity,control_group,note"
NOTE = "made up"


def draw_study(rng, ancestry, slope, people=(400, 500)):
    """Genotype counts of cases and controls, in the order of `genotypes`."""
    mean = np.array(ANCESTRIES[ancestry])
    p = draw_frequencies(rng, mean / mean.sum(), 0.003)
    doses = np.array([LENGTHS[i] + LENGTHS[j] for i, j in genotypes(len(LENGTHS))])
    cases = draw_genotypes(rng, p, people[0], slope * (doses - doses.mean()))
    return cases, draw_genotypes(rng, p, people[1])


def labels():
    return [f"{LENGTHS[i]}/{LENGTHS[j]}" for i, j in genotypes(len(LENGTHS))]


def write_project(folder, *, seed=4, slope=0.05, tau=0.02, config=CONFIG):
    """Two studies of each ancestry by genotype, and one each by length, class and tails.

    Returns
    -------
    dict
        Study label: genotype counts of cases and of controls.
    """
    rng = np.random.default_rng(seed)
    studies = folder / "data" / "studies"
    studies.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(config)
    drawn = {}
    wide = [f"{HEADER},{','.join(f'cases_{g},controls_{g}' for g in labels())}"]
    for ancestry in ANCESTRIES:
        for number in (1, 2):
            name = f"{ancestry} {number}"
            drawn[name] = draw_study(rng, ancestry, rng.normal(slope, tau))
            numbers = ",".join(f"{x},{y}" for x, y in zip(*drawn[name], strict=True))
            wide.append(f"{name},,CA,{ancestry},,{NOTE},{numbers}")
    (studies / "genotypes.csv").write_text("\n".join(wide) + "\n")

    by_length = [f"{HEADER},allele,cases,controls"]
    cases, controls = drawn["Chromosomes"] = draw_study(rng, "European", slope)
    for length, x, y in zip(LENGTHS, chromosomes(cases), chromosomes(controls), strict=True):
        by_length.append(f"Chromosomes,,CA,European,,{NOTE},{length},{x},{y}")
    (studies / "alleles.csv").write_text("\n".join(by_length) + "\n")

    x, y = (in_classes(counts) for counts in draw_study(rng, "African", slope))
    by_class = [
        f"{HEADER},{','.join(f'cases_{g},controls_{g}' for g in x)}",
        f"Classes,,CA,African,,{NOTE},{','.join(f'{x[g]},{y[g]}' for g in x)}",
    ]
    (studies / "classes.csv").write_text("\n".join(by_class) + "\n")
    return drawn


def chromosomes(counts):
    """Chromosomes by length."""
    found = np.zeros(len(LENGTHS), dtype=int)
    for (i, j), number in zip(genotypes(len(LENGTHS)), counts, strict=True):
        found[i] += number
        found[j] += number
    return found


def in_classes(counts):
    """People by 19 or another length."""
    found = {"19/19": 0, "19/non-19": 0, "non-19/non-19": 0}
    for (i, j), number in zip(genotypes(len(LENGTHS)), counts, strict=True):
        copies = (LENGTHS[i] == 19) + (LENGTHS[j] == 19)
        found[("non-19/non-19", "19/non-19", "19/19")[copies]] += int(number)
    return found
