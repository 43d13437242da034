"""From the pools of a locus and the tables of their diagnostics to the evidence for a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isnan, nan
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from genopool.association.comparisons import comparison
from genopool.association.effects import Effect, PooledSet
from genopool.config import OVERALL
from genopool.diagnostics.evidence import Estimate, Evidence, StrataTest, Without
from genopool.diagnostics.small_study import SAME_SIZE
from genopool.diagnostics.tables.equilibrium_sensitivity import Departures
from genopool.diagnostics.tables.pools import KEYS, Pools, Rows, label
from genopool.diagnostics.tables.variants import Unanswered, Variant, variant_rows
from genopool.ratios import ratio
from genopool.studies.genotypes import LocusAlleles

#: Warnings about how a table is written, or about departures from equilibrium, which are looked at
#: by themselves: none of them puts a study's numbers in doubt.
NOT_OF_NUMBERS = frozenset(
    "hardy_weinberg study_spelling label_spelling year ethnicity_country not_a_number "
    "stratifier_without_column damaged_letters heading_row total_row_differs".split()
)
#: Prior probability of an association for which the posterior one is said.
PRIOR = 0.01
#: Odds ratio for which the information is said.
WORTH_FINDING = 1.2

Made = Mapping[str, Rows]
Row = dict[str, Any]


def pool_evidence(pools: Pools, made: Made) -> list[Evidence]:
    """The evidence of every pool.

    Parameters
    ----------
    pools : Pools
    made : mapping of str to list of dict
        Rows of the tables of diagnostics by their names; those that are absent are not used.

    Returns
    -------
    list of Evidence
    """
    tables = {name: _by_pool(rows) for name, rows in made.items()}
    departures = Departures(pools)
    warned = [_warned(pools, effects) for effects in pools.effects]
    without = _without_warned(pools, warned)
    tests: dict[tuple, list[StrataTest]] = {}
    for row in pools.results.strata:
        key = row["effect_allele"], row["model"]
        test = StrataTest(words(row["stratifier"]), number(row.get("p_value")))
        tests.setdefault(key, []).append(test)
        tests.setdefault((*key, row["stratifier"]), []).append(test)
    found = []
    for i, row in enumerate(pools.rows):
        key = tuple(pools.key(i).values())
        own = {name: of.get(key, []) for name, of in tables.items()}
        overall = row["stratifier"] == OVERALL
        strata = tests.get(key[:2] if overall else key[:3], [])
        evidence = question(pools, row, pools.sets[i])
        found.append(
            replace(
                evidence,
                strata=tuple(strata),
                untested=sum(_is_untested(departures, e) for e in pools.effects[i]),
                warned=tuple(map(label, warned[i])),
                without_warned=without[i],
                **_pooled(pools, row),
                **_studies(pools, i),
                **_smaller_group(pools, i, evidence),
                **_sensitivity(pools, i, own.get("sensitivity", [])),
                **_small_studies(own.get("small_study", []), number(row.get("log_or"))),
                **_multiplicity(own.get("multiplicity", [])),
                **_credibility(own.get("credibility", [])),
            )
        )
    return found


def question(pools: Pools, row: Row, pooled_set: PooledSet) -> Evidence:
    """What a row of `pooled.tsv` asks, without its answer."""
    locus = pools.config.loci[pools.locus]
    alleles = LocusAlleles(locus.kind, locus.alleles)
    compared = comparison(alleles, pooled_set.question, pooled_set.model, locus.against)
    exposed, reference = compared.exposed, compared.reference
    if pooled_set.model == "allelic":
        exposed, reference = f"{exposed} alleles", f"{reference} alleles"
    strata = row["stratifier"] != OVERALL
    return Evidence(
        locus=locus.label or pools.locus,
        outcome=pools.config.outcome,
        exposed=exposed,
        reference=reference,
        per_copy=pooled_set.model == "additive",
        stratum=f"{words(row['stratifier'])}: {row['stratum']}" if strata else "",
        level=pools.config.pooling.level,
    )


def words(stratifier: str) -> str:
    """A stratifier's key as words."""
    return stratifier.replace("_", " ")


def number(value: Any) -> float:
    """A cell's number; NaN for a blank one."""
    return nan if value is None or value == "" else float(value)


def estimate(row: Row) -> Estimate | None:
    """The odds ratio of a row with the columns of `pooled.tsv`; None if it has none."""
    values = [number(row.get(name)) for name in ("or", "ci_low", "ci_high")]
    if any(map(isnan, values)):
        return None
    kind = "credible interval" if row["method"] == "bayes" else "CI"
    return Estimate(*values, number(row.get("p_value")), number(row.get("i2")), kind)


def _by_pool(rows: Rows) -> dict[tuple, Rows]:
    found: dict[tuple, Rows] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in KEYS), []).append(row)
    return found


def _pooled(pools: Pools, row: Row) -> dict[str, Any]:
    return {
        "k": int(row["k"]),
        "studies": int(row["k_studies"]),
        "reported": int(row["k_reported"]),
        "without_numbers": int(row["k_without_n"]),
        "pooled": estimate(row),
        **{
            name: number(row.get(name))
            for name in ("n_cases", "n_controls", "df", "tau2", "i2", "q_p", "pi_low", "pi_high")
        },
    }


def _studies(pools: Pools, i: int) -> dict[str, Any]:
    """The most precise study, and the study published first."""
    effects, labels, level = pools.effects[i], pools.labels(i), pools.config.pooling.level
    se = np.array([effect.se for effect in effects])
    most = int(np.argmin(se))
    years = pools.years(i)
    earliest = np.flatnonzero(years == years.min()) if not np.isnan(years).any() else []
    return {
        "largest": Without(labels[most], _own(effects[most], level)),
        "share": float(100 * se[most] ** -2 / (se**-2).sum()),
        "significant_alone": tuple(_significant_alone(pools, i)),
        "alike": bool(se.max() < SAME_SIZE * se.min()),
        "first": tuple(labels[j] for j in earliest),
        "first_alone": _own(effects[earliest[0]], level) if len(earliest) == 1 else None,
    }


def _significant_alone(pools: Pools, i: int) -> Iterator[str]:
    log_or, level = number(pools.rows[i].get("log_or")), pools.config.pooling.level
    for effect, name in zip(pools.effects[i], pools.labels(i), strict=True):
        if effect.log_or * log_or > 0 and _own(effect, level).is_significant(level):
            yield name


def _own(effect: Effect, level: float) -> Estimate:
    """A study's own odds ratio with Wald's interval."""
    half = float(ndtri((1 + level) / 2)) * effect.se
    p = 2 * float(ndtr(-abs(effect.log_or) / effect.se))
    limits = (effect.log_or, effect.log_or - half, effect.log_or + half)
    return Estimate(*map(ratio, limits), p)


def _smaller_group(pools: Pools, i: int, evidence: Evidence) -> dict[str, Any]:
    cells = pools.tables[:, i]
    cells = cells[:, ~np.isnan(cells).any(axis=0)]
    if not cells.size:
        return {}
    a, b, c, d = cells.sum(axis=1)
    exposed_is_smaller = a + c <= b + d
    cases, everybody = (a, a + c) if exposed_is_smaller else (b, b + d)
    name = "copies of the rarer allele"
    if pools.sets[i].model not in ("allelic", "additive"):
        name = f"people with {evidence.exposed if exposed_is_smaller else evidence.reference}"
    return {
        "smaller_group": float(everybody),
        "smaller_group_cases": float(cases),
        "smaller_group_name": name,
    }


def _is_untested(departures: Departures, effect: Effect) -> bool:
    """Whether equilibrium in a study's controls should have been tested and could not be."""
    return not effect.is_of_men and isnan(departures.p_value(effect))


def _warned(pools: Pools, effects: list[Effect]) -> list[Effect]:
    """The studies of a pool whose numbers the checks of the input put in doubt."""
    doubtful = {
        (finding.study, finding.population)
        for finding in pools.results.findings
        if finding.severity == "warning" and finding.check not in NOT_OF_NUMBERS and finding.study
    }
    return [
        effect
        for effect in effects
        if any(
            (one.row.study, one.row.population) in doubtful for one in effect.members or (effect,)
        )
    ]


def _without_warned(pools: Pools, warned: list[list[Effect]]) -> list[Estimate | None]:
    """Every pool without the studies that are warned of."""
    variants: list[Variant | Unanswered] = []
    for i, out in enumerate(warned):
        left_out = set(map(id, out))
        kept = [effect for effect in pools.effects[i] if id(effect) not in left_out]
        if out and kept:
            variants.append(Variant(i, "without_warned", kept))
    found: list[Estimate | None] = [None] * len(warned)
    for i, row in variant_rows(pools, variants, pools.config.pooling):
        found[i] = estimate(row)
    return found


def _sensitivity(pools: Pools, i: int, rows: Rows) -> dict[str, Any]:
    by_analysis: dict[str, Rows] = {}
    for row in rows:
        name = row["analysis"]
        by_analysis.setdefault("choices" if name.startswith("tau2=") else name, []).append(row)
    left_out = [(row["left_out"], estimate(row)) for row in by_analysis.get("leave_one_out", [])]
    departing = by_analysis.get("without_hwe_departure", [{}])[0]
    counts = by_analysis.get("counts_only", [{}])[0]
    level = pools.config.pooling.level
    equal = next((row for row in rows if row["analysis"] == "tau2=EE,interval=wald"), {})
    choices = [found for row in by_analysis.get("choices", []) if (found := estimate(row))]
    return {
        "without_one": tuple(Without(name, value) for name, value in left_out if value),
        "departing": tuple(filter(None, departing.get("left_out", "").split("; "))),
        "without_departures": estimate(departing),
        "counts_only": estimate(counts),
        "equal_effects_p": number(equal.get("p_value")),
        "choices": len(choices),
        "choices_significant": sum(found.is_significant(level) for found in choices),
    }


def _small_studies(rows: Rows, log_or: float) -> dict[str, Any]:
    by_test = {row["test"]: row for row in rows}
    test = next((row for row in rows if row.get("recommended") == "yes"), {})
    adjusted = _adjusted(by_test.get("pet_peese", {}))
    side = "left" if log_or > 0 else "right"
    return {
        "small_study_test": test.get("test", ""),
        "small_study_p": number(test.get("p_value")),
        "small_study_slope": number(test.get("statistic")),
        "adjusted": adjusted,
        "filled": _adjusted(by_test.get(f"trim_and_fill_L0_{side}", {})),
        "excess_p": number(by_test.get("excess_significance", {}).get("p_value")),
    }


def _adjusted(row: Row) -> Estimate | None:
    """An adjusted odds ratio of `small_study.tsv`, whose numbers are logs."""
    values = [number(row.get(name)) for name in ("adjusted_log_or", "ci_low", "ci_high")]
    return None if any(map(isnan, values)) else Estimate(*map(ratio, values))


def _multiplicity(rows: Rows) -> dict[str, Any]:
    if not rows:
        return {}
    return {"models": int(rows[0]["models"]), "p_adjusted": number(rows[0]["p_adjusted"])}


def _credibility(rows: Rows) -> dict[str, Any]:
    """The Bayesian false-discovery probability, the smallest over sizes, and the information."""
    of = [
        number(row.get("value"))
        for row in rows
        if row["quantity"] == "bfdp" and number(row.get("prior")) == PRIOR
    ]
    information = [
        number(row.get("value"))
        for row in rows
        if row["quantity"] == "information_fraction"
        and number(row.get("given_or")) == WORTH_FINDING
    ]
    return {
        "prior": PRIOR,
        "false_probability": min((value for value in of if not isnan(value)), default=nan),
        "information": information[0] if information else nan,
        "information_or": WORTH_FINDING,
    }
