"""The rows of `metaregression.tsv`: what of the studies goes with their odds ratios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genopool.config import OVERALL
from genopool.diagnostics.meta_regression import MetaRegression
from genopool.diagnostics.permutation import PermutationTest, arrangements, permutation_test
from genopool.diagnostics.regression_summaries import variance_inflation
from genopool.diagnostics.stratum_contrasts import StratumContrasts
from genopool.diagnostics.tables.pools import Pools, Rows
from genopool.diagnostics.tables.regressions import (
    Contrasts,
    Fits,
    Regression,
    Regressions,
    contrasted,
    fitted,
    regression_choices,
)
from genopool.pooling.multiplicity import holm

MUCH_INFLATION = 5
#: Arrangements drawn at most, and those as far from 0 that settle a p.
MOST_DRAWN, ENOUGH = 1000, 20

_ONLY_OVERALL = "no permutation p: it is made for overall pools only"
_NO_R2 = "no R²: tau² is 0 without the moderator too"
_EQUAL_EFFECTS = "no R²: equal effects have no tau²"


def metaregression_rows(pools: Pools) -> Rows:
    """Every pool's log odds ratios regressed on each moderator, and on those named together.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    list of dict
        Rows of `metaregression.tsv`.
    """
    choices = regression_choices(pools)
    regressions = Regressions(pools)
    of_pools = [regressions.of_pool(i) for i in range(len(pools.sets))]
    there = [r for of_pool in of_pools for r in of_pool if not r.reason]
    fits = fitted(there, choices)
    contrasts = contrasted([r for r in there if r.is_factor and not r.reason], choices)
    return [
        row
        for of_pool in of_pools
        for row in _rows_of_pool(pools, of_pool, choices, fits, contrasts)
    ]


def _rows_of_pool(
    pools: Pools,
    regressions: Sequence[Regression],
    choices: dict[str, Any],
    fits: Fits,
    contrasts: Contrasts,
) -> Rows:
    singles = [r for r in regressions if r.is_single and not r.reason]
    tests = [float(fit.qm_p[j]) for fit, j in (fits[id(r)] for r in singles)]
    adjusted = dict(zip(map(id, singles), holm(np.array(tests)), strict=True)) if tests else {}
    rows: Rows = []
    for regression in regressions:
        key = {"locus": pools.locus, **pools.key(regression.i)}
        key |= {"moderator": regression.moderator, "k": regression.k}
        key["caution"] = "; ".join(regression.cautions)
        if regression.reason:
            rows.append(key | {"reason": regression.reason})
            continue
        fit, j = fits[id(regression)]
        overall = pools.sets[regression.i].stratifier == OVERALL
        permuted = permutation_of(regression, choices) if overall else _ONLY_OVERALL
        made = _rows_of_fit(regression, _at(fit, j), permuted, adjusted.get(id(regression)))
        if regression.is_factor:
            made += _rows_of_contrasts(regression, *contrasts[id(regression)], float(fit.tau2[j]))
        rows += [key | row for row in made]
    return rows


def _at(fit: MetaRegression, j: int) -> MetaRegression:
    """One of the regressions of a fit."""
    values = {
        name: value[j] if isinstance(value, np.ndarray) else value
        for name, value in vars(fit).items()
    }
    return MetaRegression(**values)


def permutation_of(regression: Regression, choices: dict[str, Any]) -> PermutationTest | str:
    """The permutation test, or why there is none."""
    _, often = np.unique(regression.x, axis=0, return_counts=True)
    number = arrangements(often)
    if number * (1 - choices["level"]) < 1:
        return f"no permutation p: the studies have {number} arrangements only"
    return permutation_test(
        regression.y,
        regression.v,
        regression.x,
        tau2=choices["tau2"],
        interval=choices["interval"],
        most=MOST_DRAWN,
        enough=ENOUGH,
    )


def _rows_of_fit(
    regression: Regression,
    fit: MetaRegression,
    permuted: PermutationTest | str,
    p_adjusted: float | None,
) -> Rows:
    """The intercept, each column, and for more than one number the test of all."""
    test = permuted if isinstance(permuted, PermutationTest) else None
    no_r2 = ""
    if np.isnan(fit.r2):
        no_r2 = _EQUAL_EFFECTS if fit.tau2_method == "EE" else _NO_R2
    unpermuted = "" if test else str(permuted)
    whole = {"r2": float(fit.r2), "tau2": float(fit.tau2), "reason": no_r2}
    is_number = regression.is_single and not regression.is_factor
    rows: Rows = [whole | {"term": "intercept"} | _coefficient(fit, 0)]
    for column, term in enumerate(regression.terms):
        row = whole | _coefficient(fit, column + 1) | vars(term)
        row["term"] = row.pop("name")
        row["p_permutation"] = float(test.p_value[column + 1]) if test else np.nan
        row["p_adjusted"] = p_adjusted if is_number else None
        row["reason"] = "; ".join(filter(None, (unpermuted, no_r2)))
        rows.append(row)
    if not is_number:
        rows.append(
            whole
            | {
                "term": regression.moderator if regression.is_single else "all",
                "statistic": float(fit.qm),
                "df1": float(fit.qm_df),
                "df": float(fit.qm_df2),
                "p_value": float(fit.qm_p),
                "p_permutation": test.qm_p if test else np.nan,
                "p_adjusted": p_adjusted,
                "reason": "; ".join(filter(None, (unpermuted, no_r2))),
            }
        )
    if not regression.is_single:
        _add_inflation(rows, regression, fit)
    return rows


def _coefficient(fit: MetaRegression, place: int) -> dict[str, Any]:
    names = ("se", "statistic", "p_value", "ci_low", "ci_high")
    numbers = {name: float(getattr(fit, name)[place]) for name in names}
    return numbers | {"estimate": float(fit.coefficients[place]), "df": float(fit.df)}


def _add_inflation(rows: Rows, regression: Regression, fit: MetaRegression) -> None:
    """Variance inflation factors of a joint regression, and the caution if one is large."""
    factors = variance_inflation(fit, regression.groups)
    for group, factor in zip(regression.groups, factors, strict=True):
        for column in group:
            row = rows[column + 1]
            row["vif"] = float(factor)
            # a factor's is of an area or volume: its root is like that of one number
            if factor ** (1 / len(group)) > MUCH_INFLATION:
                together = "goes together with the other moderators (VIF above 5)"
                row["caution"] = "; ".join([*regression.cautions, together])


def _rows_of_contrasts(
    regression: Regression, contrasts: StratumContrasts, j: int, tau2: float
) -> Rows:
    names = ("se", "statistic", "p_value", "ci_low", "ci_high", "p_adjusted")
    return [
        {
            "term": f"{regression.moderator}: {first} - {second}",
            "unit": "difference",
            "estimate": float(contrasts.log_ratio[j, pair]),
            "df": float(contrasts.df[j]),
            "tau2": tau2,
            **{name: float(getattr(contrasts, name)[j, pair]) for name in names},
        }
        for pair, (first, second) in enumerate(zip(contrasts.first, contrasts.second, strict=True))
    ]
