"""Bayesian random-effects pooling by direct numerical integration; nothing is sampled."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from genopool.pooling.bayes_priors import TauPrior, effect_prior_from, tau_prior_from
from genopool.pooling.bayes_quadrature import Model, Nodes, integrate
from genopool.pooling.bayes_quantiles import NormalMixture, TauPosterior
from genopool.pooling.moments import typical_variance
from genopool.pooling.names import check_level, check_name
from genopool.pooling.study_sets import StudySets, check_pair, in_chunks

#: Names accepted as `interval`.
CREDIBLE_INTERVALS = ("equal-tailed", "shortest")

# Numbers of one array (studies × nodes × sets) that stay in a core's cache, and the usual nodes.
_ELEMENTS_AT_ONCE = 1 << 17
_USUAL_NODES = 129


@dataclass(frozen=True)
class BayesFit:
    """Posterior of the normal-normal model; arrays have the leading axes of the data.

    Log scale, except `i2` (per cent). Without studies all but `k` and `quadrature_points` is NaN.
    A moment that is not finite, as under a half-Cauchy prior with one or two studies, is inf, or
    NaN for a mean that does not exist; medians and intervals always exist.

    Attributes
    ----------
    estimate, mean, se : ndarray
        Posterior median of the log odds ratio, which is also that of the odds ratio once
        exponentiated; posterior mean; posterior standard deviation.
    ci_low, ci_high : ndarray
        Credible interval of the log odds ratio.
    probability_above_1 : ndarray
        Probability that the odds ratio exceeds 1.
    tau_mean, tau_sd, tau_median, tau_ci_low, tau_ci_high : ndarray
        Posterior of tau.
    tau2, tau2_ci_low, tau2_ci_high : ndarray
        Posterior median of tau², `tau_median`², and the squares of tau's limits.
    i2, h2 : ndarray
        Posterior medians of I² (per cent) and H², tau² being compared with the typical variance
        of Higgins and Thompson (2002, eq. 9). NaN with one study.
    pi_sd, pi_low, pi_high : ndarray
        Prediction for the log odds ratio of a new study: standard deviation and interval. Its mean
        is `mean`.
    study_mean, study_sd : ndarray, shape (..., studies)
        Posterior of each study's own log odds ratio, shrunk towards the others; NaN where absent.
    weights : ndarray, shape (..., studies)
        Share of each study in the part of `mean` that the data decide; NaN where absent. They sum
        to 1, and mean = (1 - prior_weight) sum(weights log_or) + prior_weight prior mean.
    prior_weight : ndarray
        Share of the effect's prior in `mean`; 0 with a flat one.
    log_marginal_likelihood : ndarray
        Logarithm of the integral of likelihood times priors, with all constants. An improper
        prior has density 1.
    bayes_factor : ndarray
        For an odds ratio of 1: marginal likelihood with the effect 0 over that with its prior.
        Low values speak against 1. NaN with a flat effect prior, under which it has no meaning.
    k : ndarray of int
        Number of studies.
    quadrature_points : ndarray of int
        Values of tau that the posterior rests on.
    quadrature_error : ndarray
        Largest change of a total, moment or probability, in units of the standard deviation or
        relative, when every second point is left out. Convergence being exponential, the
        error that remains is smaller by orders of magnitude.
    tau_prior : str
    tau_scale : tuple of float
    effect_prior : tuple of float or None
    interval : str
    level : float
    """

    estimate: NDArray[np.float64]
    mean: NDArray[np.float64]
    se: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    probability_above_1: NDArray[np.float64]
    tau_mean: NDArray[np.float64]
    tau_sd: NDArray[np.float64]
    tau_median: NDArray[np.float64]
    tau_ci_low: NDArray[np.float64]
    tau_ci_high: NDArray[np.float64]
    tau2: NDArray[np.float64]
    tau2_ci_low: NDArray[np.float64]
    tau2_ci_high: NDArray[np.float64]
    i2: NDArray[np.float64]
    h2: NDArray[np.float64]
    pi_sd: NDArray[np.float64]
    pi_low: NDArray[np.float64]
    pi_high: NDArray[np.float64]
    study_mean: NDArray[np.float64]
    study_sd: NDArray[np.float64]
    weights: NDArray[np.float64]
    prior_weight: NDArray[np.float64]
    log_marginal_likelihood: NDArray[np.float64]
    bayes_factor: NDArray[np.float64]
    k: NDArray[np.int64]
    quadrature_points: NDArray[np.int64]
    quadrature_error: NDArray[np.float64]
    tau_prior: str
    tau_scale: tuple[float, ...]
    effect_prior: tuple[float, float] | None
    interval: str
    level: float


_PER_STUDY = ("study_mean", "study_sd", "weights")
_SETTINGS = ("tau_prior", "tau_scale", "effect_prior", "interval", "level")
_FIELDS = tuple(name for name in BayesFit.__dataclass_fields__ if name not in _SETTINGS)


def pool_bayes(
    log_or: ArrayLike,
    variance: ArrayLike,
    *,
    tau_prior: str = "half-normal",
    tau_scale: float | tuple[float, float] | None = None,
    effect_prior: tuple[float, float] | None = None,
    level: float = 0.95,
    interval: str = "equal-tailed",
) -> BayesFit:
    """Pool log odds ratios under the normal-normal model with priors on effect and tau.

    y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau²). Given tau all is normal and known in closed form;
    tau is integrated out numerically.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study. All
        leading axes are pooled in one call.
    tau_prior : {"half-normal", "half-cauchy", "uniform", "log-normal"}
        Prior of tau, the between-study standard deviation. `log-normal` is a prior of tau², as
        in Turner et al. (2015).
    tau_scale : float, or (mean, sd) for `log-normal`, optional
        Scale of the half-normal or half-Cauchy, 0.5 if left out (Friede et al. 2017); upper end of
        the uniform, which has no default and may be inf (improper); mean and standard deviation
        of log tau² of the log-normal, (-2.56, 1.74) if left out: log odds ratios of any outcome
        and comparison in Cochrane reviews (Turner et al. 2015, p. 993).
    effect_prior : (mean, sd), optional
        Normal prior of the log odds ratio; flat if left out.
    level : float
        Level of the credible and prediction intervals.
    interval : {"equal-tailed", "shortest"}
        Kind of all these intervals. The shortest is that of highest density where the posterior
        has one peak; it is not the same after exponentiating or squaring.

    Returns
    -------
    BayesFit

    Raises
    ------
    ValueError
        Unknown names; impossible scales, priors or variances; an improper prior of tau with too
        few studies for a proper posterior, naming the index.

    References
    ----------
    Röver C (2020) J Stat Softw 93(6). Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT (2015)
    Stat Med 34:984. Friede T, Röver C, Wandel S, Neuenschwander B (2017) Res Synth Methods 8:79.
    """
    prior = tau_prior_from(tau_prior, tau_scale)
    effect = effect_prior_from(effect_prior)
    check_name("interval", interval, CREDIBLE_INTERVALS)
    check_level(level)
    y, v = check_pair(log_or, variance)
    lead, studies = y.shape[:-1], y.shape[-1]
    y, v = y.reshape(math.prod(lead), studies), v.reshape(math.prod(lead), studies)
    k = (~np.isnan(v)).sum(axis=1)
    _check_proper(prior, effect, k, lead)

    out = {name: np.full(v.shape if name in _PER_STUDY else k.shape, np.nan) for name in _FIELDS}
    out["k"], out["quadrature_points"] = k, np.zeros(k.shape, dtype=np.int64)
    some = np.flatnonzero(k)
    step = max(1, _ELEMENTS_AT_ONCE // (_USUAL_NODES * max(studies, 1)))
    for start in range(0, some.size, step):
        rows = some[start : start + step]
        ((_, s),) = in_chunks(y[rows], v[rows])
        with np.errstate(all="ignore"):
            for sets, values in _columns(s, prior, effect, level, interval):
                for name, x in values.items():
                    out[name][rows[sets]] = x
    return BayesFit(
        **{name: x.reshape(lead + x.shape[1:])[()] for name, x in out.items()},
        tau_prior=tau_prior,
        tau_scale=prior.scale,
        effect_prior=effect,
        interval=interval,
        level=level,
    )


def _check_proper(
    prior: TauPrior, effect: tuple[float, float] | None, k: np.ndarray, lead: tuple[int, ...]
) -> None:
    """Raise ValueError where an improper prior of tau leaves the posterior improper."""
    needed = 3 if effect is None else 2
    bad = np.flatnonzero((k > 0) & (k < needed))
    if prior.proper or not bad.size:
        return
    where = tuple(int(i) for i in np.unravel_index(bad[0], lead))
    which = f"set {where[0] if len(where) == 1 else where}" if where else "the set"
    raise ValueError(
        f"{which} has {k[bad[0]]} studies; a uniform prior of tau without an end needs {needed} "
        f"with a {'flat' if effect is None else 'normal'} effect prior, or else the posterior is "
        "improper. Give tau_scale a finite value, or take another tau_prior"
    )


def _columns(
    s: StudySets,
    prior: TauPrior,
    effect: tuple[float, float] | None,
    level: float,
    interval: str,
) -> Iterator[tuple[NDArray[np.int64], dict[str, NDArray]]]:
    """The fields of `BayesFit` for groups of sets, none of them empty, with their indices."""
    anchor = s.anchor[0]
    null = np.full(anchor.shape, np.nan)
    if effect is None:
        model = Model(s, prior, np.zeros(anchor.shape), math.inf)
    else:
        model = Model(s, prior, effect[0] - anchor, effect[1] ** 2)
        for sets, nodes in integrate(Model(s, prior, -anchor, 0.0)):
            null[sets] = nodes.log_marginal
    for sets, nodes in integrate(model):
        part = model.take(sets)
        columns = _effect(part, nodes, level, interval)
        columns |= _heterogeneity(part, nodes, level, interval)
        columns |= _studies(part, nodes)
        columns |= {
            "log_marginal_likelihood": nodes.log_marginal,
            "bayes_factor": np.exp(null[sets] - nodes.log_marginal),
            "quadrature_points": np.full(sets.shape, nodes.p.shape[0]),
            "quadrature_error": nodes.error,
        }
        yield sets, columns


def _effect(
    model: Model, nodes: Nodes, level: float, interval: str
) -> dict[str, NDArray[np.float64]]:
    """Posterior of the effect, and of a new study's."""
    anchor = model.s.anchor[0]
    moments = model.moments
    mean = nodes.expect(nodes.mean)
    variance = nodes.expect(nodes.variance + (nodes.mean - mean) ** 2)
    new_variance = variance + nodes.expect(nodes.tau**2)
    if model.flat:
        variance = np.where(moments >= 2, variance, np.inf)
        mean = np.where(moments >= 1, mean, np.nan)
    mixture = NormalMixture(nodes, np.stack([nodes.variance, nodes.variance + nodes.tau**2]))
    if interval == "shortest":
        low, high = mixture.shortest(level)
        median = mixture.quantile(np.full((2, 1), 0.5))
    else:
        tails = np.array([(1 - level) / 2, 0.5, (1 + level) / 2])
        low, median, high = mixture.quantile(tails[:, None, None])
    above = ndtr((nodes.mean + anchor) / np.sqrt(nodes.variance))
    return {
        "estimate": anchor + median[0],
        "mean": anchor + mean,
        "se": np.sqrt(variance),
        "ci_low": anchor + low[0],
        "ci_high": anchor + high[0],
        "probability_above_1": nodes.expect(above),
        "pi_sd": np.sqrt(np.where(moments >= 2, new_variance, np.inf)),
        "pi_low": anchor + low[1],
        "pi_high": anchor + high[1],
    }


def _heterogeneity(
    model: Model, nodes: Nodes, level: float, interval: str
) -> dict[str, NDArray[np.float64]]:
    """Posterior of tau, and of what follows from it."""
    moments = model.moments
    mean = nodes.expect(nodes.tau)
    variance = nodes.expect((nodes.tau - mean) ** 2)
    posterior = TauPosterior(nodes, model.prior)
    tails = np.array([(1 - level) / 2, 0.5, (1 + level) / 2])
    low, median, high = posterior.at(
        posterior.quantile(np.repeat(tails[:, None], mean.size, axis=1))
    )
    if interval == "shortest":
        low, high = (x[0] for x in posterior.shortest(level))
    typical = np.where(model.s.k > 1, typical_variance(model.s), np.nan)
    return {
        "tau_mean": np.where(moments >= 1, mean, np.inf),
        "tau_sd": np.sqrt(np.where(moments >= 2, variance, np.inf)),
        "tau_median": median,
        "tau_ci_low": low,
        "tau_ci_high": high,
        "tau2": median**2,
        "tau2_ci_low": low**2,
        "tau2_ci_high": high**2,
        "i2": 100 * median**2 / (median**2 + typical),
        "h2": 1 + median**2 / typical,
    }


def _studies(model: Model, nodes: Nodes) -> dict[str, NDArray[np.float64]]:
    """Each study's own effect and weight, shape (sets, studies), and the prior's weight."""
    s = model.s
    tau2 = nodes.tau**2
    ratio, w = model.weigh(tau2)
    # Given tau, the mean of a study's effect lies between its own estimate and the mean effect,
    # 1/ratio of the way to the latter.
    given = s.y - (s.y - nodes.mean) / ratio
    own = tau2 / ratio + nodes.variance / ratio**2
    mean = nodes.expect(given)
    variance = nodes.expect(own + (given - mean[:, None]) ** 2)
    weights = nodes.expect(w * nodes.variance)
    data = weights.sum(axis=0)

    def as_given(x: NDArray[np.float64]) -> NDArray[np.float64]:
        x = np.where(s.present[:, 0], x, np.nan)
        return s.aligned(x.T)[:, 0].T

    return {
        "study_mean": as_given(s.anchor[0] + mean),
        "study_sd": as_given(np.sqrt(variance)),
        "weights": as_given(weights / data),
        "prior_weight": np.zeros(data.shape) if model.flat else 1 - data,
    }
