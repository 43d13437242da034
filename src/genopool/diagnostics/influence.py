"""How much each study weighs on the pooled odds ratio: deletion diagnostics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from genopool.diagnostics.sensitivity import leave_one_out
from genopool.pooling.inverse_variance import pool


@dataclass(frozen=True)
class Influence:
    """Deletion diagnostics; arrays of shape (..., studies), NaN for an absent study.

    All are NaN for the one study of a set, which leaves nothing when it is deleted.

    Attributes
    ----------
    rstudent : ndarray
        Externally studentised residual: the study's distance from the mean of the others over its
        standard error, their tau² included.
    dffits : ndarray
        Change of the mean, in standard errors of the study's own fitted value.
    cook_d : ndarray
        Cook's distance: squared change of the mean over its variance.
    cov_r : ndarray
        Variance of the mean without the study over that with it: below 1, the study costs
        precision.
    tau2_del, q_del : ndarray
        tau² and Cochran's Q of the others.
    hat : ndarray
        The study's share in the mean, 0 to 1 (its weight).
    dfbetas : ndarray
        Change of the mean over its standard error at the others' tau².
    """

    rstudent: np.ndarray
    dffits: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    tau2_del: np.ndarray
    q_del: np.ndarray
    hat: np.ndarray
    dfbetas: np.ndarray

    @property
    def is_influential(self) -> np.ndarray:
        """Studies that metafor's `influence` marks.

        With k studies: |dffits| > 3 / sqrt(k - 1), cook_d above the median of chi² on 1 df,
        hat > 3 / k, or |dfbetas| > 1. False where nothing can be computed.
        """
        k = np.isfinite(self.hat).sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore"):
            far = np.abs(self.dffits) > 3 / np.sqrt(np.maximum(k - 1, 0))
            heavy = self.hat > 3 / k
        return far | heavy | (self.cook_d > chdtri(1, 0.5)) | (np.abs(self.dfbetas) > 1)


def influence(log_or, variance, *, tau2: str = "REML") -> Influence:
    """Deletion diagnostics of every study.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        `EE`, or the estimator of tau², as `genopool.pool` takes it.

    Returns
    -------
    Influence

    Raises
    ------
    ValueError
        As `genopool.pool` does.

    References
    ----------
    Viechtbauer W, Cheung MWL (2010) Res Synth Methods 1:112. Standard errors are Wald's, whatever
    the interval of the mean, as in metafor's `influence`.
    """
    y, v = (np.asarray(x, dtype=float) for x in (log_or, variance))
    choices = {"tau2": tau2, "interval": "wald", "prediction": "none"}
    whole, without = pool(y, v, **choices), leave_one_out(y, v, **choices)
    change = whole.estimate[..., None] - without.estimate
    of_mean = whole.se[..., None] ** 2
    others_tau2 = np.nan_to_num(without.tau2)
    spread = others_tau2 + v
    weights = 1 / (v[..., None, :] + others_tau2[..., :, None])
    at_others_tau2 = 1 / np.sqrt(np.nansum(weights, axis=-1))
    return Influence(
        rstudent=(y - without.estimate) / np.sqrt(spread + without.se**2),
        dffits=change / np.sqrt(whole.weights * spread),
        cook_d=change**2 / of_mean,
        cov_r=without.se**2 / of_mean,
        tau2_del=without.tau2,
        q_del=without.q,
        hat=np.where(without.k > 0, whole.weights, np.nan),
        dfbetas=change / at_others_tau2,
    )
