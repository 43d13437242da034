"""Prediction intervals for the log odds ratio of a new study."""

import numpy as np
from scipy.special import stdtrit

from genopool.pooling.intervals import t_quantile
from genopool.pooling.study_sets import StudySets

#: Names accepted as `prediction`.
PREDICTIONS = ("default", "riley", "nagashima", "none")

#: Draws and seed of the parametric bootstrap.
DRAWS = 25_000
SEED = 20190601

_SETS_AT_ONCE = 16


def prediction_half_width(
    prediction: str, se: np.ndarray, df: np.ndarray, k: np.ndarray, tau2: np.ndarray, level: float
) -> np.ndarray:
    """Half the width of the prediction interval, on the log scale; NaN where undefined.

    Parameters
    ----------
    prediction : str
        `default`: quantile of the mean's interval (z, or t with its `df`), as metafor's
        `predict`. `riley`: t with k - 2 degrees of freedom (Higgins, Thompson and Spiegelhalter
        2009; Riley, Higgins and Deeks 2011), undefined below 3 studies. `none`: NaN.
    se, df, k, tau2 : ndarray, shape (sets,)
        Standard error and degrees of freedom of the mean's interval, studies, tau².
    level : float
    """
    if prediction == "none":
        return np.full(se.shape, np.nan)
    used = df if prediction == "default" else k - 2.0
    return t_quantile(used, level) * np.sqrt(se * se + tau2)


def bootstrap_prediction(
    s: StudySets, level: float, draws: int = DRAWS, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Parametric bootstrap of Nagashima, Noma and Furukawa (2019): limits of shape (sets,).

    tau² is drawn from its exact confidence distribution, P(Q > q observed) as a function of
    tau², Q being Cochran's; then a mean from Hartung and Knapp's t with this tau², and a true
    effect about it. The authors invert the distribution of Q for every draw. There is a closed
    form: with fixed weights 1/v, Q is sum_j (1 + tau² omega_j) x_j for independent chi² x_j,
    so the tau² that makes it q is (q - sum x_j) / sum omega_j x_j, cut at 0. The draws depend on
    the seed and the number of studies only, not on the other sets.

    Parameters
    ----------
    s : StudySets
        One stratum.
    level : float
    draws, seed : int

    Returns
    -------
    low, high : ndarray
        NaN below two studies.
    """
    low, high = np.full(s.k.shape, np.nan), np.full(s.k.shape, np.nan)
    for k in np.unique(s.k[s.k > 1]):
        rng = np.random.default_rng([seed, int(k)])
        chi2 = rng.standard_normal((draws, k - 1)) ** 2
        normal = rng.standard_normal(draws)
        t = stdtrit(k - 1.0, rng.random(draws))
        where = np.flatnonzero(s.k == k)
        for start in range(0, where.size, _SETS_AT_ONCE):
            sets = where[start : start + _SETS_AT_ONCE]
            effects = _draw_effects(s.take(sets), int(k), chi2, normal, t)
            tails = [(1 - level) / 2, (1 + level) / 2]
            low[sets], high[sets] = np.quantile(effects, tails, axis=0)
    return low, high


def _draw_effects(
    s: StudySets, k: int, chi2: np.ndarray, normal: np.ndarray, t: np.ndarray
) -> np.ndarray:
    """True effects of a new study: shape (draws, sets). All sets have k studies."""
    first = np.argsort(~s.present[:, 0], axis=0, kind="stable")[:k]
    y = np.take_along_axis(s.y[:, 0], first, axis=0)
    v = np.take_along_axis(s.v[:, 0], first, axis=0)
    w = 1 / v
    mean = (w * y).sum(axis=0) / w.sum(axis=0)
    q = (w * (y - mean) ** 2).sum(axis=0)
    tau2 = np.maximum(q - chi2.sum(axis=1)[:, None], 0) / (chi2 @ _contrast_weights(w))

    w1, wy, wyy = (np.zeros(tau2.shape) for _ in range(3))
    for yi, vi in zip(y, v, strict=True):
        wi = 1 / (vi + tau2)
        w1 += wi
        wy += wi * yi
        wyy += wi * yi * yi
    mean = wy / w1
    factor = np.maximum(wyy / w1 - mean * mean, 0) / (k - 1)
    spread = np.sqrt(tau2) * normal[:, None] + np.sqrt(factor) * t[:, None]
    return s.anchor[0] + mean + spread


def _contrast_weights(w: np.ndarray) -> np.ndarray:
    """omega: shape (studies - 1, sets), from weights of shape (studies, sets).

    Q is the squared length of M W^(1/2) y, M the projection away from the square roots of the
    weights; its variance is M + tau² M W M, and omega are the eigenvalues of M W M but the 0.
    """
    root = np.sqrt(w / w.sum(axis=0)).T
    m = np.eye(w.shape[0]) - root[:, :, None] * root[:, None, :]
    return np.linalg.eigvalsh(m @ (w.T[:, :, None] * m))[:, 1:].T
