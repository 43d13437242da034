"""Every look at small-study effects, in the order in which to trust them for odds ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from genopool.association.counts import checked_counts
from genopool.diagnostics import funnel_regression, rank_tests
from genopool.diagnostics.copas import copas
from genopool.diagnostics.excess_significance import excess_significance
from genopool.diagnostics.limit_meta_analysis import limit_meta_analysis
from genopool.diagnostics.pet_peese import peese, pet, pet_peese
from genopool.diagnostics.random_effects_funnel import egger_mixed, ruecker, thompson
from genopool.diagnostics.selection_models import beta_selection, step_selection
from genopool.diagnostics.trim_and_fill import TrimAndFill, trim_and_fill
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level, check_name
from genopool.pooling.study_sets import check_pair

#: Below this many studies a test of asymmetry cannot tell chance from bias (Sterne et al. 2011).
FEWEST_STUDIES = 10
#: tau² above which only Rücker's test keeps its level (Sterne et al. 2011, on odds ratios).
MUCH_HETEROGENEITY = 0.1
_SAME_SIZE = 1.5

FEW_STUDIES = (
    "fewer than 10 studies: a test cannot tell chance from asymmetry, and a large p is no relief"
)
_ALIKE = "all studies are about as precise: there is no funnel to look at"
_HETEROGENEOUS = (
    "tau² is above 0.1: heterogeneity can look like asymmetry; only Rücker's test allows for it"
)
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
_FEWEST_FOR_A_LINE = 3


@dataclass(frozen=True)
class SmallStudyRow:
    """One look at small-study effects; what it does not give is NaN (`k_filled`: -1).

    Attributes
    ----------
    test : str
    statistic, df, p_value : float
        Test of a small-study effect, of selection, or of excess significance.
    adjusted_log_or, se, ci_low, ci_high : float
        Log odds ratio without it.
    k_filled : int
        Studies filled in (trim and fill).
    k : int
        Studies that it could use.
    recommended : bool
        Whether this is the one test to read of this set (`recommended_test`).
    caution : str
        What to bear in mind before believing it.
    reason : str
        Blank, or why there is no answer.
    """

    test: str
    statistic: float
    df: float
    p_value: float
    adjusted_log_or: float
    se: float
    ci_low: float
    ci_high: float
    k_filled: int
    k: int
    recommended: bool
    caution: str
    reason: str


@dataclass(frozen=True)
class _Data:
    counts: list[np.ndarray]
    y: np.ndarray
    v: np.ndarray
    tau2: str
    interval: str | None
    level: float
    both_sides: dict[str, TrimAndFill] = field(default_factory=dict)

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

    def filled(self, estimator: str) -> TrimAndFill:
        """Trim and fill on the left of the data and of their mirror image."""
        if estimator not in self.both_sides:
            self.both_sides[estimator] = trim_and_fill(
                np.stack([self.y, -self.y]),
                np.stack([self.v, self.v]),
                estimator=estimator,
                side="left",
                tau2=self.tau2,
                interval=self.interval,
                level=self.level,
            )
        return self.both_sides[estimator]


def _tested(result) -> dict[str, object]:
    few = result.k < _FEWEST_FOR_A_LINE
    return {
        "statistic": result.statistic,
        "df": getattr(result, "df", np.nan),
        "p_value": result.p_value,
        "k": result.k,
        "reason": "" if np.isfinite(result.p_value) else _FEW_TELL if few else _FLAT,
    }


def _of_counts(make: Callable[[_Data], object]) -> Callable[[_Data], dict[str, object]]:
    def test(data: _Data) -> dict[str, object]:
        found = _tested(make(data))
        if found["reason"] == _FEW_TELL and data.with_counts < np.isfinite(data.y).sum():
            found["reason"] = _FEW_COUNTS if data.with_counts else _NO_COUNTS
        return found

    return test


def _schwarzer(data: _Data) -> dict[str, object]:
    counts = np.array(data.counts)
    counts = counts[np.isfinite(counts)]
    if (counts != np.floor(counts)).any():
        return {"k": 0, "reason": "counts are not whole (controls are shared between rows)"}
    return _of_counts(lambda x: rank_tests.schwarzer(*x.counts))(data)


def _excess(data: _Data) -> dict[str, object]:
    found = excess_significance(data.y, data.v, tau2=data.tau2)
    return {"p_value": found.p_value, "k": found.k, "reason": str(found.reason)}


def _filled(estimator: str, side: str) -> Callable[[_Data], dict[str, object]]:
    place, sign = (0, 1.0) if side == "left" else (1, -1.0)

    def fill(data: _Data) -> dict[str, object]:
        found = data.filled(estimator)
        k = int(np.isfinite(data.y).sum())
        if found.k_filled[place] < 0:
            return {"k": k, "reason": "the number of missing studies does not settle"}
        fit = found.fit
        limits = sign * fit.ci_low[place], sign * fit.ci_high[place]
        return {
            "adjusted_log_or": sign * fit.estimate[place],
            "se": fit.se[place],
            "ci_low": min(limits),
            "ci_high": max(limits),
            "k_filled": found.k_filled[place],
            "k": k,
            "reason": "" if k else "no studies",
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


def _limit(data: _Data) -> dict[str, object]:
    found = limit_meta_analysis(data.y, data.v, tau2=data.tau2, level=data.level)
    return {"statistic": found.bias_statistic, "p_value": found.bias_p} | _estimate(found)


def _selected(found) -> dict[str, object]:
    test = {"statistic": found.lrt, "df": found.lrt_df, "p_value": found.lrt_p}
    return test | _estimate(found)


def _copas(data: _Data) -> dict[str, object]:
    found = copas(data.y, data.v, level=data.level)
    names = ("ci_low", "ci_high", "k", "reason")
    return {name: getattr(found, name) for name in names} | {
        "adjusted_log_or": found.adjusted_log_or,
        "se": found.adjusted_se,
    }


@dataclass(frozen=True)
class _Look:
    """How a row is made; `tests` asymmetry, or gives an adjusted odds ratio."""

    make: Callable[[_Data], dict[str, object]]
    tests: bool
    caution: str = ""
    standard: bool = True


_LOOKS = {
    "harbord": _Look(_of_counts(lambda x: funnel_regression.harbord(*x.counts)), True),
    "peters": _Look(_of_counts(lambda x: funnel_regression.peters(x.y, *x.counts)), True),
    "ruecker": _Look(_of_counts(lambda x: ruecker(*x.counts, tau2=x.random)), True),
    "deeks": _Look(_of_counts(lambda x: funnel_regression.deeks(x.y, *x.counts)), True),
    "schwarzer": _Look(_schwarzer, True, _WEAK),
    "macaskill": _Look(
        _of_counts(lambda x: funnel_regression.macaskill(x.y, x.v, sum(x.counts))), True, _WEAK
    ),
    "thompson": _Look(lambda x: _tested(thompson(x.y, x.v, tau2=x.random)), True, _CORRELATED),
    "egger_mixed": _Look(
        lambda x: _tested(egger_mixed(x.y, x.v, tau2=x.random)), True, _CORRELATED
    ),
    "begg": _Look(lambda x: _tested(rank_tests.begg(x.y, x.v)), True, f"{_WEAK}; {_CORRELATED}"),
    "egger": _Look(lambda x: _tested(funnel_regression.egger(x.y, x.v)), True, _CORRELATED),
    "excess_significance": _Look(_excess, True, _WEAK),
    **{
        f"trim_and_fill_{estimator}_{side}": _Look(_filled(estimator, side), False, _FILLED)
        for estimator in ("L0", "R0", "Q0")
        for side in ("left", "right")
    },
    "pet": _Look(lambda x: _line(pet(x.y, x.v, level=x.level)), False, _EXTRAPOLATED),
    "peese": _Look(lambda x: _line(peese(x.y, x.v, level=x.level)), False, _EXTRAPOLATED),
    "pet_peese": _Look(
        lambda x: _line(pet_peese(x.y, x.v, level=x.level).estimate), False, _EXTRAPOLATED
    ),
    "limit_meta_analysis": _Look(_limit, False, _EXTRAPOLATED),
    "step_selection": _Look(
        lambda x: _selected(step_selection(x.y, x.v, level=x.level)), False, _SENSITIVITY, False
    ),
    "beta_selection": _Look(
        lambda x: _selected(beta_selection(x.y, x.v, level=x.level)), False, _SENSITIVITY, False
    ),
    "copas": _Look(_copas, False, _SENSITIVITY, False),
}

#: All of them, in the order in which they are given.
TESTS = tuple(_LOOKS)
#: Without the models that are fitted by search, which take most of the time.
STANDARD_TESTS = tuple(name for name, look in _LOOKS.items() if look.standard)


def recommended_test(k: int, with_counts: int, tau2: float) -> str:
    """The one test of small-study effects to read, chosen without looking at any p.

    Parameters
    ----------
    k : int
        Studies.
    with_counts : int
        How many of them give counts.
    tau2 : float
        Between-study variance of the log odds ratios.

    Returns
    -------
    str
        `ruecker` where tau² is above 0.1, else `harbord`; `egger_mixed` where fewer than three
        studies, or fewer than half, give the counts that those two need.

    References
    ----------
    Sterne JAC et al. (2011) BMJ 343:d4002.
    """
    if with_counts < _FEWEST_FOR_A_LINE or 2 * with_counts < k:
        return "egger_mixed"
    return "ruecker" if tau2 > MUCH_HETEROGENEITY else "harbord"


def small_study_tests(
    a,
    b,
    c,
    d,
    log_or,
    variance,
    *,
    tests: Sequence[str] = TESTS,
    tau2: str = "REML",
    interval: str | None = None,
    level: float = 0.95,
) -> tuple[SmallStudyRow, ...]:
    """Every test of small-study effects and every adjusted odds ratio for one set of studies.

    For odds ratios the tests of Harbord, Peters and Rücker come first, whose statistic does not go
    with its variance when there is no bias, and Egger's last. Which to believe is to be decided
    before looking: the smallest p of many is no evidence.

    Parameters
    ----------
    a, b, c, d : array_like, shape (studies,)
        Cases with and without the exposure, controls with and without it; NaN where a study has
        none (a reported estimate). Counts of people, or of alleles.
    log_or, variance : array_like, shape (studies,)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tests : sequence of str
        Which, of `TESTS`; the order stays theirs. `STANDARD_TESTS` leaves out the selection
        models.
    tau2, interval, level
        As `genopool.pool` takes them. Tests that allow for tau² (`ruecker`, `thompson`,
        `egger_mixed`), and the choice between tests, use REML where it is `EE`.

    Returns
    -------
    tuple of SmallStudyRow
        One for each test, whether or not it has an answer.

    Raises
    ------
    ValueError
        Unknown names; impossible counts or variances; shapes that do not fit; leading axes.

    References
    ----------
    Sterne JAC et al. (2011) BMJ 343:d4002.
    """
    for name in tests:
        check_name("test", name, TESTS)
    check_level(level)
    y, v = check_pair(log_or, variance)
    counts = checked_counts(a=a, b=b, c=c, d=d)
    if y.ndim != 1 or counts[0].shape != y.shape:
        raise ValueError(
            f"counts have shape {counts[0].shape}, log_or {y.shape}; expected one value a study"
        )
    counts = [np.where(np.isnan(y), np.nan, cell) for cell in counts]
    data = _Data(counts, y, v, tau2, interval, level)
    se = np.sqrt(v[np.isfinite(v)])
    alike = bool(se.size) and bool(se.max() < _SAME_SIZE * se.min())
    recommended = recommended_test(int(np.isfinite(y).sum()), data.with_counts, data.heterogeneity)
    return tuple(_row(name, data, alike, recommended) for name in TESTS if name in tests)


def _row(name: str, data: _Data, alike: bool, recommended: str) -> SmallStudyRow:
    look = _LOOKS[name]
    row = dict.fromkeys(SmallStudyRow.__dataclass_fields__, np.nan)
    row |= {"test": name, "k_filled": -1, "reason": ""} | look.make(data)
    k, studies = int(row["k"]), int(np.isfinite(data.y).sum())
    heterogeneous = data.heterogeneity > MUCH_HETEROGENEITY
    cautions = [
        text
        for text, applies in (
            (FEW_STUDIES, k < FEWEST_STUDIES),
            (f"rests on {k} of {studies} studies", 0 < k < studies),
            (_ALIKE, alike),
            (_HETEROGENEOUS, look.tests and name != "ruecker" and heterogeneous),
            (look.caution, True),
        )
        if applies and text
    ]
    return SmallStudyRow(
        test=name,
        k_filled=int(row["k_filled"]),
        k=k,
        recommended=name == recommended,
        caution="; ".join(cautions),
        reason=str(row["reason"]),
        **{number: float(row[number]) for number in _FLOATS},
    )


_FLOATS = ("statistic", "df", "p_value", "adjusted_log_or", "se", "ci_low", "ci_high")
