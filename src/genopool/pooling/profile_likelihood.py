"""Profile likelihood: limits of tau², limits of the mean, and the likelihood ratio of a mean."""

import numpy as np

from genopool.pooling.likelihood import (
    FULL,
    KNOWN_MEAN,
    deviance,
    local_maxima,
    maximise,
    slopes,
)
from genopool.pooling.moments import weighted_mean
from genopool.pooling.roots import solve
from genopool.pooling.study_sets import StudySets

# The search for the limits of the mean: a grid over tau², then windows around the best point,
# each a quarter of the last. The limit is flat in tau² there, so that it is exact to rounding
# when tau² is good to 1e-7 of the grid's range.
_GRID = 33
_WINDOW = 9
_WINDOWS = 10


def _above(s: StudySets, tau2, ceiling, likelihood_rises, likelihood):
    """How far the deviance exceeds `ceiling`, with the sign that rises, and its slope."""
    f = slopes(s, tau2, likelihood)
    excess = deviance(s, tau2, likelihood) - ceiling
    return likelihood_rises * excess, likelihood_rises * (f.n - f.p)


def profile_tau2(
    s: StudySets, likelihood: str, quantile: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest tau² whose deviance is within `quantile` of the least: shape (sets,).

    Outside the outermost local maxima that are high enough the likelihood only falls until it is
    too low, so each limit is one root. NaN where there is no degree of freedom.
    """
    sets, tau2 = local_maxima(s, likelihood)
    at_maxima = deviance(s.take(sets), tau2, likelihood)
    least = np.full(s.k.shape, np.inf)
    np.minimum.at(least, sets, at_maxima)
    ceiling = least + quantile
    enough = np.flatnonzero(at_maxima <= ceiling[sets])

    who, first = np.unique(sets[enough], return_index=True)
    last = np.searchsorted(sets[enough], who, side="right") - 1
    first, last = enough[first], enough[last]
    part, goal = s.take(who), ceiling[who]
    before = np.where((first > 0) & (sets[first - 1] == who), tau2[first - 1], 0.0)
    following = np.minimum(last + 1, sets.size - 1)
    after = np.where((last + 1 < sets.size) & (sets[following] == who), tau2[following], np.inf)

    low, high = np.full(s.k.shape, np.nan), np.full(s.k.shape, np.nan)
    for out, begin, end, start, sign in (
        (low, before, tau2[first], tau2[first], -1.0),
        (high, tau2[last], after, tau2[last], 1.0),
    ):
        signs = np.full(who.size, sign)
        out[who] = solve(
            lambda p, t, c, rises: _above(p, t, c, rises, likelihood),
            part,
            begin,
            end,
            start,
            goal,
            signs,
        )
    low[who] = np.where(deviance(part, np.zeros(who.size), likelihood) <= goal, 0.0, low[who])
    return low, high


def _reach(s: StudySets, tau2: np.ndarray, ceiling: np.ndarray, side: float) -> np.ndarray:
    """The farthest mean, on one side, that has a deviance of `ceiling` with this tau².

    The deviance is its least over the mean plus (sum of weights) times the squared distance.
    """
    m = weighted_mean(s, tau2)
    room = ceiling - deviance(s, tau2, FULL)
    reach = side * m.estimate + np.sqrt(np.maximum(room, 0) / m.w1)
    return np.where(room >= 0, reach, -np.inf)


def profile_mean(
    s: StudySets, tau2: np.ndarray, quantile: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest mean whose profile deviance is within `quantile` of the least.

    A mean belongs to the set if it does with some tau²; for each tau² that is an interval, and
    the limits are the farthest points of these intervals. `tau2` is the ML estimate.
    """
    quantile = np.broadcast_to(np.asarray(quantile, dtype=float), s.k.shape)
    ceiling = deviance(s, tau2, FULL) + quantile
    left, right = profile_tau2(s, FULL, quantile)
    scale = s.v[0].min(axis=0)
    limits = []
    for side in (-1.0, 1.0):
        a, b = np.log(left + scale), np.log(right + scale)
        best = _reach(s, tau2, ceiling, side)
        for points in (_GRID, *(_WINDOW,) * _WINDOWS):
            places = a + (b - a) * np.linspace(0, 1, points)[:, None]
            reach = np.stack(
                [_reach(s, np.maximum(np.exp(p) - scale, 0), ceiling, side) for p in places]
            )
            top = reach.argmax(axis=0)
            best = np.maximum(best, reach.max(axis=0))
            step = (b - a) / (points - 1)
            centre = a + step * top
            a, b = np.maximum(a, centre - step), np.minimum(b, centre + step)
        limits.append(side * best)
    return limits[0], limits[1]


def likelihood_ratio(s: StudySets, tau2: np.ndarray, mean: float) -> np.ndarray:
    """Twice the log-likelihood ratio of a mean against the ML fit, `tau2` its estimate."""
    shifted = StudySets(s.y, s.v, s.anchor - mean, s.k, s.p, s.first)
    restricted = deviance(shifted, maximise(shifted, KNOWN_MEAN), KNOWN_MEAN)
    return np.maximum(restricted - deviance(s, tau2, FULL), 0.0)
