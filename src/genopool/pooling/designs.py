"""Sets of studies with moderators: what the estimators of tau² need, for any design matrix.

The same estimators (`genopool.pooling.tau2`) and the same search for the likelihood's maximum
(`genopool.pooling.likelihood`) serve: they call functions that are registered here for designs. All
of it rests on P = W - WX(X'WX)⁻¹X'W, W the diagonal matrix of the weights: residual sums of squares
are y'Py, and traces of P take the place of sums of weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.pooling import likelihood as of_strata
from genopool.pooling import moments
from genopool.pooling.likelihood import RESTRICTED, Slopes
from genopool.pooling.study_sets import StudySets

#: A column whose part that the others do not explain is shorter than this share of it is collinear.
COLLINEAR = 1e-8


@dataclass(frozen=True)
class DesignSets(StudySets):
    """Sets of studies whose means follow a design: one stratum, `p` columns.

    Attributes
    ----------
    x : ndarray, shape (studies, p, sets)
        Design with an intercept first, columns orthonormal; 0 where a study is absent.
    """

    x: np.ndarray

    def take(self, sets: np.ndarray) -> DesignSets:
        """The sets with these indices, which may repeat."""
        return DesignSets(**vars(StudySets.take(self, sets)), x=self.x.take(sets, axis=2))


@dataclass(frozen=True)
class Projection:
    """Weighted least squares of one design at given weights.

    Attributes
    ----------
    inverse : ndarray, shape (sets, p, p)
        (X'WX)⁻¹.
    coefficients : ndarray, shape (sets, p)
        Of the orthonormal columns, for y less its anchor.
    residual : ndarray, shape (studies, sets)
    """

    inverse: np.ndarray
    coefficients: np.ndarray
    residual: np.ndarray


def product(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """X'WX: shape (sets, p, p)."""
    return np.einsum("kan,kn,kbn->nab", x, w, x)


def project(s: DesignSets, w: np.ndarray) -> Projection:
    """Weighted least squares with weights of shape (studies, sets)."""
    y = s.y[:, 0]
    inverse = np.linalg.inv(product(s.x, w))
    coefficients = np.einsum("nab,nb->na", inverse, np.einsum("kan,kn,kn->na", s.x, w, y))
    residual = (y - np.einsum("kan,na->kn", s.x, coefficients)) * s.present[:, 0]
    return Projection(inverse, coefficients, residual)


@of_strata.slopes.register
def _slopes(s: DesignSets, tau2: np.ndarray, likelihood: str) -> Slopes:
    """P = |Py|², N = tr P (sum of weights in the full likelihood), and their slopes."""
    w = 1.0 / (s.v[:, 0] + tau2)
    fit = project(s, w)
    q = w * fit.residual
    across = np.einsum("kan,kn->na", s.x, w * q)
    p = np.einsum("kn,kn->n", q, q)
    dp = -2 * (
        np.einsum("kn,kn,kn->n", w, q, q) - np.einsum("na,nab,nb->n", across, fit.inverse, across)
    )
    n, dn = w.sum(axis=0), -(w * w).sum(axis=0)
    if likelihood == RESTRICTED:
        second = np.einsum("nab,nbc->nac", fit.inverse, product(s.x, w * w))
        third = np.einsum("nab,nba->n", fit.inverse, product(s.x, w**3))
        n = n - np.einsum("naa->n", second)
        dn = dn + 2 * third - np.einsum("nab,nba->n", second, second)
    return Slopes(p, n, dp, dn)


@of_strata.deviance.register
def _deviance(s: DesignSets, tau2: np.ndarray, likelihood: str) -> np.ndarray:
    w = 1.0 / (s.v[:, 0] + tau2)
    r = project(s, w).residual
    out = np.einsum("kn,kn,kn->n", w, r, r) - np.log(np.where(w > 0, w, 1.0)).sum(axis=0)
    if likelihood == RESTRICTED:
        out = out + np.linalg.slogdet(product(s.x, w))[1]
    return out


@of_strata.spread_and_mean_variance.register
def _spread(s: DesignSets, likelihood: str) -> tuple[np.ndarray, np.ndarray]:
    present = s.present[:, 0]
    r = project(s, present.astype(float)).residual
    # columns are orthonormal: a study's leverage is the sum of its squares
    free = 1 - np.einsum("kan,kan->kn", s.x, s.x)
    v = np.where(present, s.v[:, 0], 0.0)
    df = np.maximum(s.df, 1)
    return np.einsum("kn,kn->n", r, r) / df, np.einsum("kn,kn->n", v, free) / df


@moments.residual_q.register
def _residual_q(s: DesignSets, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    w = 1.0 / (s.v[:, 0] + tau2)
    r = project(s, w).residual
    return np.einsum("kn,kn,kn->n", w, r, r), -np.einsum("kn,kn,kn,kn->n", w, w, r, r)


@moments.general_moment.register
def _general_moment(s: DesignSets, weight: np.ndarray) -> np.ndarray:
    """Moment estimator of tau² with given weights (Jackson et al. 2014)."""
    a = weight[:, 0]
    fit = project(s, a)
    v = np.where(s.present[:, 0], s.v[:, 0], 0.0)
    q = np.einsum("kn,kn,kn->n", a, fit.residual, fit.residual)

    def trace(of: np.ndarray) -> np.ndarray:
        """tr(P diag(of))."""
        inside = np.einsum("nab,nba->n", fit.inverse, product(s.x, a * a * of))
        return (a * of).sum(axis=0) - inside

    return np.maximum((q - trace(v)) / trace(np.ones_like(v)), 0.0)
