"""Genetic model-free meta-analysis: the mode of inheritance estimated with the effect.

Minelli, Thompson, Abrams, Thakkinstian and Attia (2005): in study i the log odds ratios of one
and of two effect alleles against none are lambda theta_i and theta_i, with one lambda for all
studies and theta_i normal with variance tau². lambda is 0 in a recessive, 1/2 in an additive
and 1 in a dominant model.

Here lambda is the tangent of an angle phi, so that the two have mean m u and between-study
covariance w² u u' with u = (sin phi, cos phi). An angle has no infinity: a homozygous odds ratio
of 1 (lambda infinite) is as good as any. At a given phi the projection of a study's pair on u,
d_i = u'S_i^-1 y_i / a_i with variance 1/a_i, a_i = u'S_i^-1 u, holds all that the data say of m
and w², so that these come from an ordinary meta-analysis and the likelihood of phi is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri, ndtri

from genopool.pooling.bivariate import bivariate_pool, check_bivariate
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level
from genopool.pooling.ratio import Ratio, from_angles

MODES = {"recessive": 0.0, "additive": 0.5, "dominant": 1.0, "overdominant": np.inf}
"""Named modes of inheritance and their lambda."""

ANGLES = 180
# Golden sections, halvings: enough for the last bits of an angle that can be told apart.
SECTIONS = 36
HALVINGS = 40
GOLDEN = (np.sqrt(5) - 1) / 2
# A projection whose precision is below this share of the set's largest carries nothing.
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class ModelFree:
    """Genetic model-free pool; every array has the leading axes of the data.

    NaN (and blank text) without a study of each contrast.

    Attributes
    ----------
    lambda_ : ndarray
        Heterozygous over homozygous log odds ratio, by maximum likelihood.
    interval : Ratio
        Profile-likelihood confidence set of lambda.
    log_or, se, ci_low, ci_high : ndarray, shape (..., 2)
        Heterozygous and homozygous log odds ratio, Wald, with lambda's uncertainty. No `se`
        where both are exactly 0, which leaves the angle without information.
    tau2 : ndarray
        Between-study variance of the homozygous log odds ratio (maximum likelihood, hence low
        with few studies); NaN with one study.
    chi2, p_value : ndarray, shape (..., 4)
        Likelihood-ratio tests of the `MODES`, each on 1 df.
    association_p : ndarray
        Test of no association, both log odds ratios 0 (`bivariate_pool`, REML, Wald, 2 df).
    log_likelihood : ndarray
        Maximised log-likelihood, constants included.
    k : ndarray of int
        Studies with either contrast.
    statement : ndarray of str
        What lambda says about the mode of inheritance.
    level : float
    """

    lambda_: NDArray[np.float64]
    interval: Ratio
    log_or: NDArray[np.float64]
    se: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    tau2: NDArray[np.float64]
    chi2: NDArray[np.float64]
    p_value: NDArray[np.float64]
    association_p: NDArray[np.float64]
    log_likelihood: NDArray[np.float64]
    k: NDArray[np.int64]
    statement: NDArray[np.str_]
    level: float


class _Profile:
    """Profile likelihood of the angle in sets of studies."""

    def __init__(self, y: NDArray[np.float64], s: NDArray[np.float64]) -> None:
        """From outcomes (sets, 2, studies) and covariances (sets, 2, 2, studies)."""
        there = ~np.isnan(y)
        first, second = there[:, 0], there[:, 1]
        both = first & second
        v11 = np.where(first, s[:, 0, 0], 1.0)
        v22 = np.where(second, s[:, 1, 1], 1.0)
        v12 = np.where(both, s[:, 0, 1], 0.0)
        det = v11 * v22 - v12**2
        self.p11, self.p22 = np.where(first, v22 / det, 0.0), np.where(second, v11 / det, 0.0)
        self.p12 = -v12 / det
        y1, y2 = np.where(first, y[:, 0], 0.0), np.where(second, y[:, 1], 0.0)
        self.py1, self.py2 = self.p11 * y1 + self.p12 * y2, self.p12 * y1 + self.p22 * y2
        within = (np.log(det) + y1 * self.py1 + y2 * self.py2).sum(axis=-1)
        self.constant = within + there.sum(axis=(1, 2)) * np.log(2 * np.pi)
        self.k = there.any(axis=1).sum(axis=-1)

    def at(
        self, angle: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Log-likelihood, m and w² at angles (sets, angles); the results have that shape."""
        sin, cos = np.sin(angle)[..., None], np.cos(angle)[..., None]
        p11, p12, p22 = (p[:, None] for p in (self.p11, self.p12, self.p22))
        a = sin**2 * p11 + 2 * sin * cos * p12 + cos**2 * p22
        b = sin * self.py1[:, None] + cos * self.py2[:, None]
        heard = a > NEGLIGIBLE * a.max(axis=-1, keepdims=True)
        safe = np.where(heard, a, 1.0)
        fit = pool(
            np.where(heard, b / safe, np.nan),
            np.where(heard, 1 / safe, np.nan),
            tau2="ML",
            interval="wald",
            prediction="none",
        )
        # One study has no tau².
        w2 = np.nan_to_num(fit.tau2)
        grown = 1 + w2[..., None] * a
        total, weighted = (a / grown).sum(axis=-1), (b / grown).sum(axis=-1)
        gained = (w2[..., None] * b**2 / grown).sum(axis=-1) + weighted**2 / total
        deviance = self.constant[:, None] + np.log(grown).sum(axis=-1) - gained
        return -deviance / 2, weighted / total, w2

    def highest(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Angle of each set's global maximum and its log-likelihood."""
        step = np.pi / ANGLES
        grid = np.broadcast_to(np.arange(ANGLES) * step, (len(self.k), ANGLES))
        value = self.at(grid)[0]
        # The three highest angles that top both neighbours on the circle.
        top = (value >= np.roll(value, 1, axis=1)) & (value >= np.roll(value, -1, axis=1))
        ranked = np.where(top, value, value - 2 * np.ptp(value) - 1)
        centre = step * np.argsort(-ranked, axis=1)[:, :3]
        low, high = centre - step, centre + step
        for _ in range(SECTIONS):
            one, other = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            left = self.at(one)[0] >= self.at(other)[0]
            low, high = np.where(left, low, one), np.where(left, other, high)
        angle = (low + high) / 2
        reached = self.at(angle)[0]
        best = reached.argmax(axis=1)[:, None]
        return (
            np.take_along_axis(angle, best, axis=1)[:, 0],
            np.take_along_axis(reached, best, axis=1)[:, 0],
        )

    def limits(
        self, angle: NDArray[np.float64], floor: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Ends of the arc about `angle` outside which the likelihood is below `floor`.

        Returns the lower and upper end (lower <= angle <= upper < lower + pi) and whether some
        angle is excluded. Of several excluded arcs the longest is taken.
        """
        step = np.pi / ANGLES
        offsets = np.arange(ANGLES + 1) * step
        out = self.at(angle[:, None] + offsets)[0] < floor[:, None]
        out[:, [0, -1]] = False
        # Length of the run of excluded angles that ends at each.
        place = np.arange(ANGLES + 1)
        last_in = np.maximum.accumulate(np.where(out, 0, place), axis=1)
        end = (place - last_in).argmax(axis=1)
        rows = np.arange(len(end))
        start = last_in[rows, end] + 1
        excluded = out.any(axis=1)
        # Upper end between start-1 and start; lower, a half turn back, between end and end+1.
        inside = np.stack([offsets[start - 1], offsets[np.minimum(end + 1, ANGLES)]], axis=1)
        outside = np.stack([offsets[np.minimum(start, ANGLES)], offsets[end]], axis=1)
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            low = self.at(angle[:, None] + middle)[0] < floor[:, None]
            inside, outside = np.where(low, inside, middle), np.where(low, middle, outside)
        return angle + inside[:, 1] - np.pi, angle + inside[:, 0], excluded

    def log_or_covariance(
        self, angle: NDArray[np.float64], m: NDArray[np.float64], w2: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Covariance (sets, 2, 2) of the two log odds ratios, from the expected information of
        m, phi and w² at their estimates; w² is left out where it is 0, the end of its range."""
        sin, cos = np.sin(angle)[:, None], np.cos(angle)[:, None]
        p11, p12, p22 = self.p11, self.p12, self.p22
        # Inner products of u and its derivative u̇ = (cos, -sin) in the metric of V^-1.
        a = sin**2 * p11 + 2 * sin * cos * p12 + cos**2 * p22
        e = sin * cos * (p11 - p22) + (cos**2 - sin**2) * p12
        f = cos**2 * p11 - 2 * sin * cos * p12 + sin**2 * p22
        shrunk = w2[:, None] / (1 + w2[:, None] * a)
        uu, ud, dd = a - shrunk * a**2, e - shrunk * a * e, f - shrunk * e**2
        m, w = m[:, None], w2[:, None]
        information = np.zeros((len(angle), 3, 3))
        information[:, 0, 0] = uu.sum(axis=1)
        information[:, 0, 1] = information[:, 1, 0] = (m * ud).sum(axis=1)
        information[:, 1, 1] = (m**2 * dd + w**2 * (uu * dd + ud**2)).sum(axis=1)
        information[:, 1, 2] = information[:, 2, 1] = (w * uu * ud).sum(axis=1)
        information[:, 2, 2] = (uu**2).sum(axis=1) / 2
        at_end = w2 == 0
        information[at_end, 2, :2] = information[at_end, :2, 2] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            covariance = _inverse3(information)[:, :2, :2]
        sin, cos, m = sin[:, 0], cos[:, 0], m[:, 0]
        jacobian = np.stack([sin, m * cos, cos, -m * sin], axis=1).reshape(-1, 2, 2)
        return np.einsum("nab,nbc,ndc->nad", jacobian, covariance, jacobian, optimize=True)


def _inverse3(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of 3×3 matrices by cofactors: not finite where singular, never an error."""
    one, two, three = np.moveaxis(matrix, 1, 0)
    rows = np.stack([np.cross(two, three), np.cross(three, one), np.cross(one, two)], axis=2)
    return rows / np.einsum("na,na->n", one, np.cross(two, three))[:, None, None]


def model_free(log_or: ArrayLike, covariance: ArrayLike, *, level: float = 0.95) -> ModelFree:
    """Pool genotypes without presuming a genetic model, and estimate the mode of inheritance.

    Parameters
    ----------
    log_or : array_like, shape (..., 2, studies)
        Heterozygous and homozygous log odds ratio against the reference genotype, of
        `genopool.association.genotype_models.genotype_contrasts`. NaN is absent.
    covariance : array_like, shape (..., 2, 2, studies)
        Within-study covariance matrices.
    level : float
        Level of the confidence limits, and 1 - level that of the tests in `statement`.

    Returns
    -------
    ModelFree

    Raises
    ------
    ValueError
        As `genopool.pooling.bivariate.check_bivariate`; a level outside (0, 1).

    Notes
    -----
    The model of Minelli et al. (2005), by maximum likelihood over the whole circle of angles.
    Their prior belief that lambda lies between 0 and 1 is not imposed.
    """
    check_level(level)
    y, s = check_bivariate(log_or, covariance)
    lead, studies = y.shape[:-2], y.shape[-1]
    flat_y, flat_s = y.reshape(-1, 2, studies), s.reshape(-1, 2, 2, studies)
    told = (~np.isnan(flat_y)).any(axis=-1).all(axis=-1)
    association = bivariate_pool(flat_y, flat_s).chi2_p
    n = len(flat_y)
    names = ("lambda_", "low", "high", "tau2", "log_likelihood")
    out = {name: np.full(n, np.nan) for name in names}
    pair = {name: np.full((n, 2), np.nan) for name in ("log_or", "se")}
    chi2 = np.full((n, len(MODES)), np.nan)
    kind, statement = np.full(n, "", dtype="<U8"), np.full(n, "", dtype=object)
    if told.any():
        profile = _Profile(flat_y[told], flat_s[told])
        angle, height = profile.highest()
        _, m, w2 = (x[:, 0] for x in profile.at(angle[:, None]))
        sin, cos = np.sin(angle), np.cos(angle)
        pair["log_or"][told] = np.stack([m * sin, m * cos], axis=1)
        v = profile.log_or_covariance(angle, m, w2)
        pair["se"][told] = np.sqrt(np.einsum("naa->na", v))
        out["lambda_"][told] = sin / cos
        out["tau2"][told] = np.where(profile.k > 1, w2 * cos**2, np.nan)
        out["log_likelihood"][told] = height
        lower, upper, excluded = profile.limits(angle, height - chdtri(1, 1 - level) / 2)
        out["low"][told], out["high"][told], kind[told] = from_angles(lower, upper, excluded)
        modes = np.arctan(np.array(list(MODES.values())))
        fixed = profile.at(np.broadcast_to(modes, (len(angle), len(modes))))[0]
        chi2[told] = np.maximum(2 * (height[:, None] - fixed), 0.0)
    p_value = chdtrc(1, chi2)
    for i in np.flatnonzero(told):
        statement[i] = _statement(
            out["lambda_"][i],
            Ratio(out["low"][i], out["high"][i], kind[i]),
            p_value[i],
            association[i],
            level,
        )
    half = ndtri((1 + level) / 2) * pair["se"]

    def shaped(x: NDArray, *core: int) -> NDArray:
        return x.reshape((*lead, *core))

    return ModelFree(
        lambda_=shaped(out["lambda_"]),
        interval=Ratio(shaped(out["low"]), shaped(out["high"]), shaped(kind)),
        log_or=shaped(pair["log_or"], 2),
        se=shaped(pair["se"], 2),
        ci_low=shaped(pair["log_or"] - half, 2),
        ci_high=shaped(pair["log_or"] + half, 2),
        tau2=shaped(out["tau2"]),
        chi2=shaped(chi2, len(MODES)),
        p_value=shaped(p_value, len(MODES)),
        association_p=shaped(association),
        log_likelihood=shaped(out["log_likelihood"]),
        k=shaped((~np.isnan(flat_y)).any(axis=1).sum(axis=-1)),
        statement=shaped(statement.astype(str)),
        level=level,
    )


def _statement(
    ratio: float, interval: Ratio, p_modes: NDArray, association_p: float, level: float
) -> str:
    percent = f"{100 * level:g}%"
    if not association_p < 1 - level:
        return (
            f"No association at the {100 * (1 - level):.3g}% level (p = {association_p:.2g}): "
            "lambda says nothing about the mode of inheritance."
        )
    where = {
        "between": f"{interval.low:.2f} to {interval.high:.2f}",
        "outside": f"below {interval.low:.2f} or above {interval.high:.2f}",
        "any": "any value",
    }[str(interval.kind)]
    fits = [mode for mode, p in zip(MODES, p_modes, strict=True) if p >= 1 - level]
    against = [mode for mode in MODES if mode not in fits]
    text = f"lambda = {ratio:.2f} ({percent} CI {where}): "
    if not fits:
        text += "none of " + ", ".join(against) + " fits"
    else:
        text += "compatible with " + ", ".join(fits)
        text += f", not with {', '.join(against)}" if against else ", so that none is excluded"
    if interval.kind == "between" and (interval.low > 1 or interval.high < 0):
        text += "; heterozygotes lie outside both homozygotes"
    return text + "."
