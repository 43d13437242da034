"""How each look at small-study effects is made, in the order in which to trust them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from genopool.diagnostics import funnel_regression, rank_tests
from genopool.diagnostics.copas import copas
from genopool.diagnostics.excess_significance import excess_significance
from genopool.diagnostics.funnel_regression import FunnelRegression
from genopool.diagnostics.limit_meta_analysis import limit_meta_analysis
from genopool.diagnostics.pet_peese import peese, pet, pet_peese
from genopool.diagnostics.random_effects_funnel import egger_mixed, ruecker, with_t
from genopool.diagnostics.selection_models import beta_selection, step_selection
from genopool.diagnostics.trim_and_fill import trim_and_fill
from genopool.pooling.inverse_variance import pool

_CORRELATED = (
    "a log odds ratio and its variance go together: the test finds asymmetry too often if the odds "
    "ratio is far from 1"
)
_WEAK = "has little power"
_FILLED = "shows how the pool might change; heterogeneity makes funnels asymmetric too"
_EXTRAPOLATED = (
    "extrapolates beyond the most precise study; unstable with few or heterogeneous studies"
)
_SENSITIVITY = "a sensitivity analysis: how selection works is assumed, not seen"

_NO_COUNTS = "no study gives counts, which this test needs"
_FEW_COUNTS = "fewer than three studies give counts that tell"
_FEW_TELL = "fewer than three studies tell"
_FLAT = "studies do not differ in what the test regresses on"
FEWEST_FOR_A_LINE = 3


@dataclass(frozen=True)
class Filled:
    """Trim and fill on the left and on the right: the first axis of every array."""

    k_filled: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray

    def of_set(self, i: int) -> Filled:
        """One of several sets of studies."""
        return Filled(**{name: values[:, i] for name, values in vars(self).items()})


def fill_both_sides(
    y: np.ndarray, v: np.ndarray, estimator: str, tau2: str, interval: str | None, level: float
) -> Filled:
    """Trim and fill of studies, and of their mirror image for the other side.

    Parameters
    ----------
    y, v : ndarray, shape (..., studies)
    estimator, tau2, interval, level
        As `genopool.trim_and_fill` takes them.
    """
    found = trim_and_fill(
        np.stack([y, -y]),
        np.stack([v, v]),
        estimator=estimator,
        side="left",
        tau2=tau2,
        interval=interval,
        level=level,
    )
    fit = found.fit
    return Filled(
        k_filled=found.k_filled,
        estimate=np.stack([fit.estimate[0], -fit.estimate[1]]),
        se=fit.se,
        ci_low=np.stack([fit.ci_low[0], -fit.ci_high[1]]),
        ci_high=np.stack([fit.ci_high[0], -fit.ci_low[1]]),
    )


@dataclass(frozen=True)
class Sample:
    """A set of studies, and what several looks at it share.

    Attributes
    ----------
    counts : list of ndarray
        Cases with and without the exposure, controls with and without it; NaN for none.
    y, v : ndarray, shape (studies,)
    tau2, interval, level
    filled : dict of str to Filled
        By estimator; made when first asked for, if not given.
    """

    counts: list[np.ndarray]
    y: np.ndarray
    v: np.ndarray
    tau2: str
    interval: str | None
    level: float
    filled: dict[str, Filled] = field(default_factory=dict)

    @cached_property
    def k(self) -> int:
        return int(np.isfinite(self.y).sum())

    @cached_property
    def with_counts(self) -> int:
        return int(np.isfinite(sum(self.counts)).sum())

    @cached_property
    def random(self) -> str:
        """The estimator of tau² for what is a random-effects model or nothing."""
        return "REML" if self.tau2 == "EE" else self.tau2

    @cached_property
    def heterogeneity(self) -> float:
        fit = pool(self.y, self.v, tau2=self.random, interval="wald", prediction="none")
        return float(np.nan_to_num(fit.tau2))

    @cached_property
    def egger_mixed(self) -> FunnelRegression:
        return egger_mixed(self.y, self.v, tau2=self.random)

    def fill(self, estimator: str) -> Filled:
        if estimator not in self.filled:
            of = (self.y, self.v, estimator, self.tau2, self.interval, self.level)
            self.filled[estimator] = fill_both_sides(*of)
        return self.filled[estimator]


def _tested(result) -> dict[str, object]:
    few = result.k < FEWEST_FOR_A_LINE
    return {
        "statistic": result.statistic,
        "df": getattr(result, "df", np.nan),
        "p_value": result.p_value,
        "k": result.k,
        "reason": "" if np.isfinite(result.p_value) else _FEW_TELL if few else _FLAT,
    }


def _of_counts(make: Callable[[Sample], object]) -> Callable[[Sample], dict[str, object]]:
    def test(data: Sample) -> dict[str, object]:
        found = _tested(make(data))
        if found["reason"] == _FEW_TELL and data.with_counts < data.k:
            found["reason"] = _FEW_COUNTS if data.with_counts else _NO_COUNTS
        return found

    return test


def _schwarzer(data: Sample) -> dict[str, object]:
    counts = np.array(data.counts)
    counts = counts[np.isfinite(counts)]
    if (counts != np.floor(counts)).any():
        return {"k": 0, "reason": "counts are not whole (controls are shared between rows)"}
    return _of_counts(lambda x: rank_tests.schwarzer(*x.counts))(data)


def _excess(data: Sample) -> dict[str, object]:
    found = excess_significance(data.y, data.v, tau2=data.tau2)
    return {"p_value": found.p_value, "k": found.k, "reason": str(found.reason)}


def _filled(estimator: str, side: str) -> Callable[[Sample], dict[str, object]]:
    place = ("left", "right").index(side)

    def fill(data: Sample) -> dict[str, object]:
        found = data.fill(estimator)
        if found.k_filled[place] < 0:
            return {
                "k": data.k,
                "reason": "the number of missing studies does not settle, or is all of them",
            }
        return {
            "adjusted_log_or": found.estimate[place],
            "se": found.se[place],
            "ci_low": found.ci_low[place],
            "ci_high": found.ci_high[place],
            "k_filled": found.k_filled[place],
            "k": data.k,
            "reason": "" if data.k else "no studies",
        }

    return fill


def _line(result) -> dict[str, object]:
    return {
        "statistic": result.bias_statistic,
        "df": result.df,
        "p_value": result.bias_p,
        **_estimate(result),
    }


def _estimate(result) -> dict[str, object]:
    names = ("se", "ci_low", "ci_high", "k", "reason")
    return {name: getattr(result, name) for name in names} | {"adjusted_log_or": result.log_or}


def _limit(data: Sample) -> dict[str, object]:
    found = limit_meta_analysis(data.y, data.v, tau2=data.tau2, level=data.level)
    return {"statistic": found.bias_statistic, "p_value": found.bias_p} | _estimate(found)


def _selected(found) -> dict[str, object]:
    test = {"statistic": found.lrt, "df": found.lrt_df, "p_value": found.lrt_p}
    return test | _estimate(found)


def _copas(data: Sample) -> dict[str, object]:
    found = copas(data.y, data.v, level=data.level)
    names = ("ci_low", "ci_high", "k", "reason")
    return {name: getattr(found, name) for name in names} | {
        "adjusted_log_or": found.adjusted_log_or,
        "se": found.adjusted_se,
    }


@dataclass(frozen=True)
class Look:
    """How a row is made; `tests` asymmetry, or gives an adjusted odds ratio."""

    make: Callable[[Sample], dict[str, object]]
    tests: bool
    caution: str = ""
    standard: bool = True


LOOKS = {
    "harbord": Look(_of_counts(lambda x: funnel_regression.harbord(*x.counts)), True),
    "peters": Look(_of_counts(lambda x: funnel_regression.peters(x.y, *x.counts)), True),
    "ruecker": Look(_of_counts(lambda x: ruecker(*x.counts, tau2=x.random)), True),
    "deeks": Look(_of_counts(lambda x: funnel_regression.deeks(x.y, *x.counts)), True),
    "schwarzer": Look(_schwarzer, True, _WEAK),
    "macaskill": Look(
        _of_counts(lambda x: funnel_regression.macaskill(x.y, x.v, sum(x.counts))), True, _WEAK
    ),
    "thompson": Look(lambda x: _tested(with_t(x.egger_mixed)), True, _CORRELATED),
    "egger_mixed": Look(lambda x: _tested(x.egger_mixed), True, _CORRELATED),
    "begg": Look(lambda x: _tested(rank_tests.begg(x.y, x.v)), True, f"{_WEAK}; {_CORRELATED}"),
    "egger": Look(lambda x: _tested(funnel_regression.egger(x.y, x.v)), True, _CORRELATED),
    "excess_significance": Look(_excess, True, _WEAK),
    **{
        f"trim_and_fill_{estimator}_{side}": Look(_filled(estimator, side), False, _FILLED)
        for estimator in ("L0", "R0", "Q0")
        for side in ("left", "right")
    },
    "pet": Look(lambda x: _line(pet(x.y, x.v, level=x.level)), False, _EXTRAPOLATED),
    "peese": Look(lambda x: _line(peese(x.y, x.v, level=x.level)), False, _EXTRAPOLATED),
    "pet_peese": Look(
        lambda x: _line(pet_peese(x.y, x.v, level=x.level).estimate), False, _EXTRAPOLATED
    ),
    "limit_meta_analysis": Look(_limit, False, _EXTRAPOLATED),
    "step_selection": Look(
        lambda x: _selected(step_selection(x.y, x.v, level=x.level)), False, _SENSITIVITY, False
    ),
    "beta_selection": Look(
        lambda x: _selected(beta_selection(x.y, x.v, level=x.level)), False, _SENSITIVITY, False
    ),
    "copas": Look(_copas, False, _SENSITIVITY, False),
}

#: All of them, in the order in which they are given.
TESTS = tuple(LOOKS)
#: Without the models that are fitted by search, which take most of the time.
STANDARD_TESTS = tuple(name for name, look in LOOKS.items() if look.standard)
