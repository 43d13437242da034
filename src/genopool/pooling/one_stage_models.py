"""The one-stage models of odds ratios as marginal likelihoods, with starting values.

A study has a exposed of n1 = a + b cases and c exposed of n2 = c + d controls. Exposure is the
event, cases and controls are the two groups; u is normal with variance tau², s with sigma².

UM.FS  logit p1 = alpha + theta + u / 2, logit p2 = alpha - u / 2, alpha the study's own
UM.RS  logit p1 = mu + s + theta + u / 2, logit p2 = mu + s - u / 2, u and s independent
CM.EL  a given both margins is non-central hypergeometric with log odds ratio theta + u
CM.AL  a given a + c is binomial with log odds log(n1 / n2) + theta + u: the limit of CM.EL for
       rare exposure

These are models 3 (UM.RS is its relative with a random study effect) and 4 of Stijnen, Hamza
and Özdemir (2010), with the codings of ``metafor::rma.glmm`` (Jackson et al. 2018).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logit

from genopool.pooling.noncentral_hypergeometric import NoncentralHypergeometric
from genopool.pooling.one_stage_likelihood import BinomialArm, MarginalLikelihood

ONE_STAGE_MODELS = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
"""Names of the one-stage models, as in metafor."""

THETA, TAU = 0, 1
"""Places of the log odds ratio and of tau among the parameters of every model."""


class HypergeometricArm:
    """Exposed cases given both margins, with log odds ratio eta."""

    def __init__(self, a: NDArray, n1: NDArray, n2: NDArray, exposed: NDArray) -> None:
        self.x = a[:, None]
        self._tables = NoncentralHypergeometric(n1[:, None], n2[:, None], exposed[:, None])
        self.log_weight = self._tables.log_weight(a[:, None].astype(np.int64))[:, 0]

    def cumulants(self, eta):
        return self._tables.cumulants(eta)


@dataclass(frozen=True)
class OneStageModel:
    """A model with its data.

    Attributes
    ----------
    likelihood : MarginalLikelihood
    shared : ndarray
        Starting values: theta, tau, then whatever the model has besides.
    local : ndarray
        Starting values of the studies' own parameter; of length 0 if there is none.
    deviations : tuple of int
        Places of the standard deviations among the shared parameters.
    """

    likelihood: MarginalLikelihood
    shared: NDArray[np.float64]
    local: NDArray[np.float64]
    deviations: tuple[int, ...]


def log_binomial(n: NDArray, x: NDArray) -> NDArray[np.float64]:
    """Logarithm of the binomial coefficient."""
    return gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)


def conditional_arm(a: NDArray, b: NDArray, c: NDArray, d: NDArray) -> HypergeometricArm:
    """a given the margins of its table."""
    return HypergeometricArm(a, a + b, c + d, a + c)


def _conditional(a, b, c, d, exact: bool) -> MarginalLikelihood:
    if exact:
        arm = conditional_arm(a, b, c, d)
        offset, constant = np.zeros_like(a), arm.log_weight
    else:
        arm = BinomialArm(a, a + c)
        offset, constant = np.log((a + b) / (c + d)), log_binomial(a + c, a)
    return MarginalLikelihood(
        arms=(arm,),
        offset=offset[None],
        fixed=np.array([[1.0, 0.0]]),
        random=np.array([[[0.0], [1.0]]]),
        constant=constant,
    )


def _two_arms(a, b, c, d, fixed, random) -> MarginalLikelihood:
    return MarginalLikelihood(
        arms=(BinomialArm(a, a + b), BinomialArm(c, c + d)),
        offset=np.zeros((2, a.size)),
        fixed=np.array(fixed, dtype=float),
        random=np.array(random, dtype=float),
        constant=log_binomial(a + b, a) + log_binomial(c + d, c),
    )


def one_stage_model(name: str, a: NDArray, b: NDArray, c: NDArray, d: NDArray) -> OneStageModel:
    """The model of this name for counts of shape (studies,), no study without cases or controls."""
    n1, n = a + b, a + b + c + d
    theta = np.log(((a + 0.5) * (d + 0.5) / n).sum() / ((b + 0.5) * (c + 0.5) / n).sum())
    if name in ("CM.EL", "CM.AL"):
        likelihood = _conditional(a, b, c, d, exact=name == "CM.EL")
        return OneStageModel(likelihood, np.array([theta, 0.0]), np.zeros(0), (TAU,))
    base = logit((a + c + 0.5) / (n + 1)) - theta * n1 / n
    if name == "UM.FS":
        # theta, tau, alpha
        likelihood = _two_arms(
            a, b, c, d, [[1, 0, 1], [0, 0, 1]], [[[0], [0.5], [0]], [[0], [-0.5], [0]]]
        )
        return OneStageModel(likelihood, np.array([theta, 0.0]), base, (TAU,))
    # theta, tau, mu, sigma
    likelihood = _two_arms(
        a,
        b,
        c,
        d,
        [[1, 0, 1, 0], [0, 0, 1, 0]],
        [[[0, 0], [0.5, 0], [0, 0], [0, 1]], [[0, 0], [-0.5, 0], [0, 0], [0, 1]]],
    )
    sigma = max(float(base.std()), 0.2) if a.size > 1 else 0.0
    return OneStageModel(
        likelihood, np.array([theta, 0.0, base.mean(), sigma]), np.zeros(0), (TAU, 3)
    )


def saturated_random_intercept(
    a: NDArray, b: NDArray, c: NDArray, d: NDArray, start: NDArray
) -> OneStageModel:
    """UM.RS with a log odds ratio of its own for every study, against which it is tested.

    The parameters are mu, sigma and each study's log odds ratio. Where that is infinite the
    cases are fitted perfectly, and leave nothing but the controls.
    """
    perfect = (a == 0) | (b == 0)
    a, b = np.where(perfect, 0.0, a), np.where(perfect, 0.0, b)
    likelihood = _two_arms(a, b, c, d, [[1, 0, 1], [1, 0, 0]], [[[0], [1], [0]], [[0], [1], [0]]])
    own = np.log((a + 0.5) / (b + 0.5)) - np.log((c + 0.5) / (d + 0.5))
    return OneStageModel(likelihood, start, np.where(perfect, 0.0, own), (1,))


def at_the_ends(name: str, a, b, c, d) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Studies whose own log odds ratio is minus infinity, and plus infinity, in this model."""
    if name == "CM.AL":
        return a == 0, c == 0
    return (a == 0) | (d == 0), (b == 0) | (c == 0)


def infinite_maximum(name: str, a, b, c, d) -> str:
    """Why the pooled log odds ratio has no finite maximum; blank if it has one."""
    if name == "UM.RS":
        low, high = a.sum() == 0 or d.sum() == 0, b.sum() == 0 or c.sum() == 0
    else:
        low, high = (end.all() for end in at_the_ends(name, a, b, c, d))
    if low and high:
        return "nobody or everybody is exposed in all studies together"
    if low or high:
        return (
            f"the likelihood grows as the log odds ratio goes to {'-' if low else '+'}infinity: "
            "every study leans to that side by a zero cell"
        )
    return ""


def degenerate_log_likelihood(name: str, a, b, c, d) -> float:
    """Log-likelihood approached as tau² grows without bound; -inf where it falls for ever.

    It falls as 1 / tau for every study whose likelihood has a peak in the random effect. If no
    study has one, the random effects only say with what probability a study lies at which end,
    where its own counts are certain.
    """
    if name in ("CM.EL", "CM.AL"):
        low, high = at_the_ends(name, a, b, c, d)
        ends, kind = low | high, low.astype(int)
    else:
        ends = ((a == 0) | (b == 0)) & ((c == 0) | (d == 0))
        kind = 2 * (a == 0) + (c == 0)
    if not ends.all():
        return -np.inf
    counts = np.bincount(kind)
    counts = counts[counts > 0]
    return float((counts * np.log(counts / a.size)).sum())
