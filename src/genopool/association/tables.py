"""The rows of `effects.tsv`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri

from genopool.association.answers import NAN
from genopool.association.effects import PooledSet
from genopool.studies.records import EstimateRow

EFFECT_COLUMNS_BEFORE = "locus file sheet row study population control_group".split()
EFFECT_COLUMNS_AFTER = (
    "effect_allele model stratifier stratum source adjusted case_exposed case_unexposed "
    "control_exposed control_unexposed case_n0 case_n1 case_n2 control_n0 control_n1 control_n2 "
    "n_cases n_controls correction correction_controls log_or se or ci_low ci_high weight used "
    "reason"
).split()


def ratio(log: float) -> float:
    """The ratio of a logarithm; infinite for one that no number can hold, as of an se of 400."""
    with np.errstate(over="ignore"):
        return float(np.exp(log))


def effect_rows(
    locus: str, sets: Sequence[PooledSet], carried: Sequence[str], level: float
) -> Iterator[dict[str, Any]]:
    """The rows of `effects.tsv`.

    Parameters
    ----------
    locus : str
    sets : sequence of PooledSet
    carried : sequence of str
        Columns of the tables that are carried through.
    level : float
        Level of the intervals of single studies.
    """
    z = float(ndtri(0.5 + level / 2))
    for pooled_set in sets:
        for effect in pooled_set.effects:
            row, cases, controls = effect.row, effect.cases, effect.controls
            pooled = effect.is_pooled
            shown = effect.log_or == effect.log_or
            result: dict[str, Any] = {
                column: effect.population.values.get(column, "") for column in carried
            }
            result |= {
                "locus": locus,
                "file": row.file,
                "sheet": row.sheet,
                "row": row.row,
                "study": effect.study,
                "population": effect.population_name,
                "control_group": row.control_group,
                "effect_allele": effect.question,
                "model": effect.model,
                "stratifier": pooled_set.stratifier,
                "stratum": pooled_set.stratum,
                "source": effect.source,
                "adjusted": row.adjusted if isinstance(row, EstimateRow) else "",
                "n_cases": effect.n_cases,
                "n_controls": effect.n_controls,
                "correction": effect.correction,
                "correction_controls": effect.correction_controls,
                "log_or": effect.log_or,
                "se": effect.se,
                "or": ratio(effect.log_or) if shown else NAN,
                "ci_low": ratio(effect.log_or - z * effect.se) if shown else NAN,
                "ci_high": ratio(effect.log_or + z * effect.se) if shown else NAN,
                "weight": effect.weight if pooled else NAN,
                "used": "yes" if effect.used and effect.combined_with is None else "no",
                "reason": effect.reason,
            }
            for side, counts in (("case", cases), ("control", controls)):
                if counts is not None:
                    result[f"{side}_exposed"] = counts.exposed
                    result[f"{side}_unexposed"] = counts.unexposed
                    for copies in range(3):
                        result[f"{side}_n{copies}"] = counts.by_copies[copies]
            yield result
