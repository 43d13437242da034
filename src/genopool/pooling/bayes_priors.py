"""Prior distributions of tau, the between-study standard deviation of log odds ratios."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from genopool.pooling.names import check_name

#: Names accepted as `tau_prior`.
TAU_PRIORS = ("half-normal", "half-cauchy", "uniform", "log-normal")

#: Mean and standard deviation of log tau² over the log odds ratios of any outcome and comparison
#: in the Cochrane Database: Turner, Jackson, Wei, Thompson and Higgins (2015), Stat Med 34:984,
#: p. 993.
TURNER_GENERAL = (-2.56, 1.74)

# Scale of the half-normal and half-Cauchy priors of log odds ratios: Friede, Röver, Wandel and
# Neuenschwander (2017), Res Synth Methods 8:79.
_DEFAULT_SCALE = 0.5

# Scales that leave room for all powers of tau among the floating-point numbers.
_LEAST_SCALE, _GREATEST_SCALE = 1e-30, 1e30
_GREATEST_MEAN, _GREATEST_SD = 100.0, 10.0

# Beyond this distance (in log tau) from all scales of prior and data, the log posterior is
# straight to one part in exp(2 * 3).
_MARGIN = 3.0


@dataclass(frozen=True)
class TauPrior:
    """A prior of tau as a density of z, a coordinate that runs over the whole line.

    z is log tau, but for a uniform prior with an end, where it is logit(tau/end). So the ends of
    tau's range lie at infinity and the density of z falls exponentially, or faster, towards both
    (an improper prior's once it is multiplied by the likelihood).

    Attributes
    ----------
    name : str
        One of `TAU_PRIORS`.
    scale : tuple of float
        Scale or end; mean and standard deviation of log tau² for `log-normal`.
    """

    name: str
    scale: tuple[float, ...]

    @property
    def bounded(self) -> bool:
        """Whether tau has a largest value."""
        return self.name == "uniform" and self.proper

    @property
    def end(self) -> float:
        """The largest tau."""
        return self.scale[0] if self.bounded else math.inf

    @property
    def proper(self) -> bool:
        """Whether the prior has a finite integral; if not, its density is 1."""
        return self.scale[0] < math.inf

    @property
    def tail(self) -> float:
        """The power of 1/tau with which the density falls for large tau."""
        if self.name == "half-cauchy":
            return 2.0
        return math.inf if self.proper else 0.0

    def tau(self, z: np.ndarray) -> np.ndarray:
        """tau at z."""
        return self.scale[0] * expit(z) if self.bounded else np.exp(z)

    def slope(self, z: np.ndarray) -> np.ndarray:
        """Derivative of tau with respect to z."""
        return self.tau(z) * expit(-z) if self.bounded else np.exp(z)

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Logarithm of the prior density of z."""
        if not self.proper:
            return z
        if self.name == "uniform":
            return -np.abs(z) - 2 * np.log1p(np.exp(-np.abs(z)))
        if self.name == "log-normal":
            mean, sd = self.scale[0] / 2, self.scale[1] / 2
            return -0.5 * ((z - mean) / sd) ** 2 - math.log(sd * math.sqrt(2 * math.pi))
        relative = z - math.log(self.scale[0])
        if self.name == "half-normal":
            return relative - 0.5 * np.exp(2 * relative) + 0.5 * math.log(2 / math.pi)
        return relative - np.logaddexp(0.0, 2 * relative) + math.log(2 / math.pi)

    def domain(
        self, low: np.ndarray, high: np.ndarray, k: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Range of z outside which the posterior only falls, at least as exp(-|z|).

        Parameters
        ----------
        low, high : ndarray
            log tau below which the likelihood is constant, and above which it is a power of tau.
        k : ndarray
            Number of studies.
        """
        if self.bounded:
            end = math.log(self.scale[0])
            # Where the likelihood rises up to the end, it does so at most as a power of tau of
            # this order, and the posterior lies within one part in as many of the end.
            steep = np.log1p(k + np.exp(2 * (high - end)))
            return np.minimum(low - end, 0.0) - _MARGIN, steep + _MARGIN
        if not self.proper:
            return low - _MARGIN, high + _MARGIN
        if self.name == "log-normal":
            mean, sd = self.scale[0] / 2, self.scale[1] / 2
            # Times tau², the density of z falls as exp(-z) from 3 variances above its mean.
            below, above = mean - sd * sd - 3 * sd, mean + 3 * sd * sd + 3 * sd
            return np.minimum(low - _MARGIN, below), np.maximum(high + _MARGIN, above)
        centre = math.log(self.scale[0])
        return np.minimum(low, centre) - _MARGIN, np.maximum(high, centre) + _MARGIN


def tau_prior_from(name: str, scale) -> TauPrior:
    """The prior that a user asks for by `tau_prior` and `tau_scale`.

    Raises
    ------
    ValueError
        An unknown name; a scale that the prior cannot have, or that it lacks.
    """
    check_name("tau_prior", name, TAU_PRIORS)
    if name == "log-normal":
        mean, sd = _pair("tau_scale", TURNER_GENERAL if scale is None else scale)
        if sd > _GREATEST_SD or abs(mean) > _GREATEST_MEAN:
            raise ValueError(
                f"a log-normal prior of tau² has a mean within ±{_GREATEST_MEAN:g} and a standard "
                f"deviation of at most {_GREATEST_SD:g} of log tau², not {scale!r}"
            )
        return TauPrior(name, (mean, sd))
    if scale is None:
        if name == "uniform":
            raise ValueError("tau_prior='uniform' needs tau_scale, the largest tau possible")
        scale = _DEFAULT_SCALE
    if np.ndim(scale) != 0 or not scale >= _LEAST_SCALE:
        raise ValueError(
            f"tau_scale of a {name} prior is one number, at least {_LEAST_SCALE:g}, not {scale!r}"
        )
    if scale > _GREATEST_SCALE and not (name == "uniform" and scale == math.inf):
        raise ValueError(
            f"tau_scale of a {name} prior is at most {_GREATEST_SCALE:g}, not {scale!r}; for an "
            "improper, uniform prior ask for tau_prior='uniform', tau_scale=inf"
        )
    return TauPrior(name, (float(scale),))


def effect_prior_from(prior) -> tuple[float, float] | None:
    """Mean and standard deviation of the effect's normal prior, checked; None for a flat one."""
    if prior is None:
        return None
    mean, sd = _pair("effect_prior", prior)
    if not _LEAST_SCALE <= sd <= _GREATEST_SCALE:
        raise ValueError(
            f"the standard deviation of effect_prior lies between {_LEAST_SCALE:g} and "
            f"{_GREATEST_SCALE:g}, not {sd:g}; for a flat prior give None"
        )
    return mean, sd


def _pair(name: str, values) -> tuple[float, float]:
    """A mean and a standard deviation, both finite, the latter above 0."""
    pair = np.asarray(values, dtype=float)
    if pair.shape != (2,) or not np.isfinite(pair).all() or not pair[1] > 0:
        about = {
            "tau_scale": "the mean and the standard deviation of log tau² in a log-normal prior",
            "effect_prior": "the mean and the standard deviation of the log odds ratio's normal "
            "prior, or None for a flat one",
        }[name]
        raise ValueError(f"{name} is {about}, finite and the latter above 0, not {values!r}")
    return float(pair[0]), float(pair[1])
