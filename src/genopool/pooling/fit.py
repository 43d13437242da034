"""The result of an inverse-variance pool."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fit:
    """Pooled log odds ratios with their heterogeneity; arrays have the leading axes of the data.

    Everything is on the log scale except `i2`, which is in per cent. What does not exist is NaN:
    all of it without studies; `tau2`, `q`, `q_p`, `i2`, `h2` and the prediction interval with one
    study; `tau2` and the prediction interval under equal effects; `df` where the statistic is not
    a t.

    Attributes
    ----------
    estimate, se : ndarray
        Pooled log odds ratio and its standard error under the interval's method.
    statistic, df, p_value : ndarray
        Test of a pooled odds ratio of 1 (z, or t with `df` degrees of freedom).
    ci_low, ci_high : ndarray
        Confidence limits.
    tau2 : ndarray
        Between-study variance.
    q, q_df, q_p : ndarray
        Cochran's Q, its degrees of freedom and the p-value of the test of homogeneity.
    i2, h2 : ndarray
        I² (per cent) and H²: from tau² and the typical variance of Higgins and Thompson (2002,
        eq. 9); under equal effects from Q.
    pi_low, pi_high : ndarray
        Prediction interval for the log odds ratio of a new study.
    k : ndarray of int
        Number of studies.
    weights : ndarray, shape (..., studies)
        Share of each study in the estimate, NaN where absent; they sum to 1.
    wald : ndarray of bool
        Where the interval is Wald's although another was asked for, since there is one study.
    identical : ndarray of bool
        Where Hartung-Knapp's variance factor was 0 but for rounding (identical effects) and the
        never-narrower variant was used: suspect duplicates.
    narrower : ndarray of bool
        Where a Hartung-Knapp interval is narrower than Wald's.
    tau2_method, interval, prediction : str
        Names of the methods asked for.
    level : float
        Level of the confidence and prediction intervals.
    """

    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    df: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    q_df: np.ndarray
    q_p: np.ndarray
    i2: np.ndarray
    h2: np.ndarray
    pi_low: np.ndarray
    pi_high: np.ndarray
    k: np.ndarray
    weights: np.ndarray
    wald: np.ndarray
    identical: np.ndarray
    narrower: np.ndarray
    tau2_method: str
    interval: str
    level: float
    prediction: str

    @property
    def interval_used(self) -> np.ndarray:
        """Name of the interval that each set got; blank without studies."""
        adhoc = np.where(self.identical, "hartung-knapp-adhoc", self.interval)
        return np.where(self.k == 0, "", np.where(self.wald, "wald", adhoc))
