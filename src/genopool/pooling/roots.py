"""One root finder for thousands of equations at once."""

from collections.abc import Callable

import numpy as np

from genopool.pooling.study_sets import StudySets

# Newton's method converges quadratically: after a step this small, relative to the unknown and
# the variances it is added to, the next one is lost in rounding.
_LAST_STEP = 1e-9
_MOST_STEPS = 200
# While no upper end is known, the unknown grows by this factor at most.
_LONGEST_STEP = 100.0


def solve(
    evaluate: Callable[..., tuple[np.ndarray, np.ndarray]],
    s: StudySets,
    low: np.ndarray,
    high: np.ndarray,
    start: np.ndarray,
    *arguments: np.ndarray,
) -> np.ndarray:
    """The tau² in each [low, high] where a function turns from negative to positive.

    Newton's method, replaced by the geometric middle of the interval wherever a step would leave
    it; sets that are done take no further part, so that none can fail and none waits for another.

    Parameters
    ----------
    evaluate : callable
        `evaluate(s, tau2, *arguments)` gives value and slope for each set.
    s : StudySets
    low, high, start : ndarray, shape (sets,)
        Ends, with a value <= 0 and >= 0, and where to begin. `high` may be infinite.
    *arguments : ndarray, shape (..., sets)
        Passed on to `evaluate`.
    """
    x, low, high = start.copy(), low.copy(), high.copy()
    scale = s.v[0].min(axis=0)
    active = np.arange(x.size)
    part = s
    for _ in range(_MOST_STEPS):
        if not active.size:
            break
        here = x[active]
        value, slope = evaluate(part, here, *arguments)
        above = value >= 0
        high[active] = b = np.where(above, here, high[active])
        low[active] = a = np.where(above, low[active], here)
        with np.errstate(all="ignore"):
            step = value / slope
        new = here - step
        unit = scale[active]
        longest = np.where(np.isinf(b), here + _LONGEST_STEP * (here + unit), b)
        kept = (slope > 0) & (new >= a) & (new <= longest)
        halfway = np.sqrt((a + unit) * (longest + unit)) - unit
        x[active] = new = np.where(kept, new, np.clip(halfway, a, longest))
        unsettled = np.abs(new - here) > _LAST_STEP * (here + unit)
        if not unsettled.all():
            active = active[unsettled]
            part = part.take(unsettled.nonzero()[0])
            arguments = tuple(argument[..., unsettled] for argument in arguments)
    return x


def solve_by_secants(
    evaluate: Callable[[np.ndarray], np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """The root of a falling function in each [low, high], without its slope.

    False position with the Illinois rule: the value at an end that stays twice is halved, so
    that both ends close in.
    """
    at_low, at_high = evaluate(low), evaluate(high)
    x = low
    for _ in range(_MOST_STEPS):
        old = x
        x = np.clip(low + (high - low) * at_low / (at_low - at_high), low, high)
        value = evaluate(x)
        over = value > 0
        at_high = np.where(over & (old == low), at_high / 2, at_high)
        at_low = np.where(~over & (old == high), at_low / 2, at_low)
        low, at_low = np.where(over, x, low), np.where(over, value, at_low)
        high, at_high = np.where(over, high, x), np.where(over, at_high, value)
        # a set without a root is NaN throughout and waits for nothing
        if not (np.abs(x - old) >= tolerance).any():
            break
    return x
