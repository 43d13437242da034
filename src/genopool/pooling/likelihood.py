"""Restricted and full likelihood of tau², and the search that cannot miss their maximum.

Let C be an orthonormal basis of the contrasts that are free of the stratum means and let
lambda_j be the eigenvalues of C'VC, V the diagonal matrix of sampling variances. With z = the
data in the eigenvector coordinates,

    -2 l_R(t) = sum_j log(lambda_j + t) + z_j² / (lambda_j + t) + constant,

so that the score is half of P(t) - N(t), where P = sum z_j² / (lambda_j + t)² and
N = sum 1 / (lambda_j + t). Both are sums of completely monotone functions of t: positive,
falling, convex, log-convex. (For the full likelihood N = sum 1 / (v_i + t), with the same
properties.) Hence their values and slopes at the two ends of an interval bound them inside it,
and three tests that cost nothing tell whether the interval can hold a stationary point:

* the chord of P lies below a tangent of N: the likelihood falls throughout;
* a tangent of P lies above the chord of N: it rises throughout;
* log P falls faster at the far end than log N at the near end: P/N is monotone, and there is
  one stationary point, a maximum, if P - N changes sign, and none otherwise.

Intervals that pass none of the tests are halved. Every maximum is found, so the highest is the
global one. No eigenvalue is computed: P, N and their slopes are sums over studies.
"""

from dataclasses import dataclass
from functools import partial, singledispatch

import numpy as np

from genopool.pooling.roots import solve
from genopool.pooling.study_sets import StudySets

_GRID_CELLS = 6
#: The likelihoods: of REML, of ML, and of ML when the mean of all sets is known to be 0.
RESTRICTED, FULL, KNOWN_MEAN = "restricted", "full", "known mean"

# An interval this narrow, relative to the variances in it, is as good as a point.
_NARROWEST = 1e-13
_MOST_HALVINGS = 100


@dataclass
class Slopes:
    """P, N and their derivatives with respect to tau², one value for each set (module text)."""

    p: np.ndarray
    n: np.ndarray
    dp: np.ndarray
    dn: np.ndarray

    def take(self, index) -> "Slopes":
        return Slopes(self.p[index], self.n[index], self.dp[index], self.dn[index])

    def joined(self, other: "Slopes") -> "Slopes":
        return Slopes(
            np.concatenate([self.p, other.p]),
            np.concatenate([self.n, other.n]),
            np.concatenate([self.dp, other.dp]),
            np.concatenate([self.dn, other.dn]),
        )


def _residuals(s: StudySets, w: np.ndarray, w1: np.ndarray, likelihood: str) -> np.ndarray:
    if likelihood == KNOWN_MEAN:
        return s.y + s.anchor * s.present
    return s.y - np.einsum("kgn,kgn->gn", w, s.y) / w1


@singledispatch
def slopes(s: StudySets, tau2: np.ndarray, likelihood: str) -> Slopes:
    """The two parts of the score of tau², and their slopes.

    Parameters
    ----------
    s : StudySets
    tau2 : ndarray, shape (sets,)
    likelihood : str
        `RESTRICTED`, `FULL` or `KNOWN_MEAN`.
    """
    w = 1.0 / (s.v + tau2)
    w1 = w.sum(axis=0)
    safe = np.where(w1 > 0, w1, 1.0)
    r = _residuals(s, w, safe, likelihood)
    w2 = w * w
    q = w2 * r
    q1 = 0.0 if likelihood == KNOWN_MEAN else q.sum(axis=0)
    q *= r
    p = q.sum(axis=0)
    dp = 2 * (q1 * q1 / safe - np.einsum("kgn,kgn->gn", w, q))
    if likelihood == RESTRICTED:
        # W1 - W2/W1 with the largest weight, w[0], taken apart: no cancellation.
        rest = w1 - w[0] if w.shape[0] < 3 else w[1:].sum(axis=0)
        rest2 = w2[1:].sum(axis=0)
        w3 = np.einsum("kgn,kgn->gn", w, w2)
        mean = (w2[0] + rest2) / safe
        n = (2 * w[0] * rest + (rest * rest - rest2)) / safe
        dn = 2 * w3 / safe - mean * mean - (w2[0] + rest2)
    else:
        n = w1
        dn = -w2.sum(axis=0)
    return Slopes(p.sum(axis=0), n.sum(axis=0), dp.sum(axis=0), dn.sum(axis=0))


@singledispatch
def deviance(s: StudySets, tau2: np.ndarray, likelihood: str) -> np.ndarray:
    """-2 log-likelihood at `tau2` without its constant: shape (sets,)."""
    w = 1.0 / (s.v + tau2)
    w1 = w.sum(axis=0)
    safe = np.where(w1 > 0, w1, 1.0)
    r = _residuals(s, w, safe, likelihood)
    out = np.einsum("kgn,kgn,kgn->n", w, r, r)
    out -= np.log(np.where(w > 0, w, 1.0)).sum(axis=(0, 1))
    if likelihood == RESTRICTED:
        out += np.log(safe).sum(axis=0)
    return out


@singledispatch
def spread_and_mean_variance(s: StudySets, likelihood: str) -> tuple[np.ndarray, np.ndarray]:
    """Sum of squares about the means and mean lambda, both for each degree of freedom."""
    number = np.maximum(s.present.sum(axis=0), 1)
    d = _residuals(s, s.present.astype(float), number, likelihood) * s.present
    sum_v = np.where(s.present, s.v, 0.0).sum(axis=0)
    if likelihood == KNOWN_MEAN:
        df = np.maximum(s.k, 1)
    else:
        df = np.maximum(s.df, 1)
        sum_v -= sum_v / number
    return np.einsum("kgn,kgn->n", d, d) / df, sum_v.sum(axis=0) / df


def _farthest(s: StudySets, at_zero: Slopes, likelihood: str) -> tuple[np.ndarray, np.ndarray]:
    """A bound above which the likelihood falls, and a typical lambda for spacing the grid.

    P(t) <= S / (c + t)², S the sum of squares about the means and c no more than the
    smallest lambda; N(t) >= df / (m + t) by Jensen's inequality, m the mean lambda. P < N once
    (t + c)² > (S / df) (t + m).
    """
    spread, mean_lambda = spread_and_mean_variance(s, likelihood)
    df = np.maximum(s.k if likelihood == KNOWN_MEAN else s.df, 1)
    # N(0) = sum 1/lambda is no less than the reciprocal of the smallest lambda.
    c = np.maximum(s.v[0].min(axis=0), 1.0 / at_zero.n)
    u = (spread + np.sqrt(spread * spread + 4 * spread * np.maximum(mean_lambda - c, 0))) / 2
    return np.maximum(u - c, 0.0) * (1 + 1e-9), df / at_zero.n


def _estimable(s: StudySets, likelihood: str) -> np.ndarray:
    return (s.k if likelihood == KNOWN_MEAN else s.df) > 0


def _verdicts(a, b, left: Slopes, right: Slopes) -> tuple[np.ndarray, np.ndarray]:
    """For intervals [a, b]: where nothing is inside, and where exactly one maximum is."""
    h = b - a
    rises = left.p > left.n
    falls = right.p <= right.n
    monotone = right.dp * left.n < left.dn * right.p
    one = monotone & rises & falls
    none = monotone & ~(rises & falls)

    def below(chord_a, chord_b, tangent_a, tangent_b, slope_a, slope_b):
        # A convex function exceeds its tangents and lies under its chord. The gap is greatest
        # where the tangents meet.
        bend = slope_b - slope_a
        bend = np.where(bend > 0, bend, 1.0)
        x = np.clip((tangent_a - tangent_b + slope_b * h) / bend, 0, h)
        chord = chord_a + (chord_b - chord_a) * x / np.where(h > 0, h, 1.0)
        return (
            (chord_a < tangent_a)
            & (chord_b < tangent_b)
            & (chord < np.maximum(tangent_a + slope_a * x, tangent_b + slope_b * (x - h)))
        )

    none |= below(left.p, right.p, left.n, right.n, left.dn, right.dn)
    none |= below(left.n, right.n, left.p, right.p, left.dp, right.dp)
    return none & ~one, one


def _maxima(s: StudySets, at_zero: Slopes, likelihood: str):
    """Intervals that hold one local maximum each: their set, their ends, a first guess."""
    farthest, typical = _farthest(s, at_zero, likelihood)
    grid = [np.zeros_like(farthest)]
    seen = [at_zero]
    ratio = 1 + farthest / typical
    for j in range(1, _GRID_CELLS + 1):
        grid.append(typical * (ratio ** (j / _GRID_CELLS) - 1))
        seen.append(slopes(s, grid[-1], likelihood))
    ends = np.stack(grid)
    field = Slopes(*(np.stack([getattr(x, f) for x in seen]) for f in ("p", "n", "dp", "dn")))

    none, one = _verdicts(ends[:-1], ends[1:], field.take(np.s_[:-1]), field.take(np.s_[1:]))
    searched = (farthest > 0) & _estimable(s, likelihood)
    found = []

    def keep(which, sets, a, b, left, right):
        # N/P is nearly a straight line, and is one when the variances are equal.
        low, high = left.n[which] / left.p[which] - 1, right.n[which] / right.p[which] - 1
        a, b = a[which], b[which]
        rise = np.where(high > low, high - low, 1.0)
        found.append((sets[which], a, b, np.clip(a - low * (b - a) / rise, a, b)))

    def cells(which):
        cell, sets = np.nonzero(which)
        here, next_ = (cell, sets), (cell + 1, sets)
        return sets, ends[here], ends[next_], field.take(here), field.take(next_)

    keep(slice(None), *cells(one & searched))
    sets, a, b, left, right = cells(~(none | one) & searched)
    for _ in range(_MOST_HALVINGS):
        if not sets.size:
            break
        middle = (a + b) / 2
        centre = slopes(s.take(sets), middle, likelihood)
        sets = np.concatenate([sets, sets])
        a, b = np.concatenate([a, middle]), np.concatenate([middle, b])
        left, right = left.joined(centre), centre.joined(right)
        none, one = _verdicts(a, b, left, right)
        tiny = ~(none | one) & (b - a <= _NARROWEST * (b + typical[sets]))
        keep(one | tiny, sets, a, b, left, right)
        unsettled = ~(none | one | tiny)
        sets, a, b = sets[unsettled], a[unsettled], b[unsettled]
        left, right = left.take(unsettled), right.take(unsettled)
    return tuple(np.concatenate(x) for x in zip(*found, strict=True))


def _balance(s: StudySets, tau2: np.ndarray, likelihood: str) -> tuple[np.ndarray, np.ndarray]:
    """N/P - 1, which rises through 0 at a maximum, and its slope."""
    f = slopes(s, tau2, likelihood)
    return f.n / f.p - 1, (f.dn * f.p - f.n * f.dp) / (f.p * f.p)


def local_maxima(s: StudySets, likelihood: str) -> tuple[np.ndarray, np.ndarray]:
    """Every local maximum of the likelihood in tau² >= 0.

    Returns
    -------
    sets, tau2 : ndarray
        Index of the set and place of each maximum, ordered by set, then by place. A set with a
        degree of freedom has one or more; others have none.
    """
    at_zero = slopes(s, np.zeros(s.k.shape), likelihood)
    sets, a, b, guess = _maxima(s, at_zero, likelihood)
    tau2 = solve(partial(_balance, likelihood=likelihood), s.take(sets), a, b, guess)
    zero = np.flatnonzero((at_zero.p <= at_zero.n) & _estimable(s, likelihood))
    sets, tau2 = np.concatenate([zero, sets]), np.concatenate([np.zeros(zero.size), tau2])
    order = np.lexsort((tau2, sets))
    return sets[order], tau2[order]


def maximise(s: StudySets, likelihood: str) -> np.ndarray:
    """tau² >= 0 at the global maximum of the likelihood: shape (sets,).

    NaN where a set has no more studies than strata.
    """
    sets, points = local_maxima(s, likelihood)
    tau2 = np.full(s.k.shape, np.nan)
    tau2[sets] = points
    rivals = np.bincount(sets, minlength=tau2.size)[sets] > 1
    if rivals.any():
        who, t = sets[rivals], points[rivals]
        order = np.lexsort((deviance(s.take(who), t, likelihood), who))
        best, first = np.unique(who[order], return_index=True)
        tau2[best] = t[order][first]
    return tau2
