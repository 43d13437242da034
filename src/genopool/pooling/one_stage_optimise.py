"""Newton's method on the marginal likelihood of the one-stage models.

For given standard deviations the log-likelihood is concave in everything else (its integrand is
jointly log-concave; Prékopa 1973). Only the standard deviations can have several maxima, so the
climb starts from several of them, zero among them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopool.pooling.one_stage_likelihood import MarginalLikelihood, Nodes
from genopool.pooling.one_stage_models import TAU, OneStageModel

# Quadrature points for each random effect: the first rule finds the maxima, the others polish
# the best until two rules agree. With two effects the longer ones need too much memory.
LADDER = (9, 25, 41, 81, 161, 321, 641)
_LONGEST_WITH_TWO_EFFECTS = 4
# Two rules agree when the log-likelihood changes less than this, and the estimates by less than
# this fraction of their standard errors.
_AGREE_VALUE = 1e-8
_AGREE_MOVE = 1e-6
# At the last rule that memory allows this much will do: each rule leaves less than a tenth of the
# error of the one before, so that the error that remains is a tenth of the last change.
_ENOUGH_VALUE = 1e-4
_ENOUGH_MOVE = 5e-4
# Newton stops when its step promises less log-likelihood than this: half the squared error in
# standard errors. Below the last figure a point counts as a maximum, whatever stopped it.
_COARSE_GAIN = 1e-8
_GAIN = 1e-18
_SMALL_GAIN = 1e-9
_MAX_ITERATIONS = 200
# Log odds units that one step may move a parameter: Newton's parabola holds no further.
_MAX_MOVE = 1.5
# Starting values of tau; the first is held at 0.
_TAU_STARTS = (0.0, 0.15, 0.6, 2.0)
# Coarse maxima this far below the best, in log-likelihood, are not worth polishing, and two
# closer than this in tau are the same.
_WORTH_POLISHING = 0.5
_SAME_TAU = 1e-3
# tau = 0 is preferred if no other tau gains more than rounding.
_TIE = 1e-10


@dataclass(frozen=True)
class Point:
    """A batch of parameters with their log-likelihood.

    Attributes
    ----------
    shared : ndarray, shape (batch, parameters)
    local : ndarray, shape (batch, studies)
        The parameter that each study has for itself; of length 0 if there is none.
    value : ndarray, shape (batch,)
    gradient, hessian : ndarray, shape (batch, parameters), (batch, parameters, parameters)
        Of the log-likelihood with the local parameters maximised out.
    shared_step, local_step : ndarray
        Newton's step from here.
    gain : ndarray, shape (batch,)
        Log-likelihood that Newton's step promises; about 0 at a maximum.
    centre, root : ndarray
        Placement of the quadrature.
    """

    shared: NDArray[np.float64]
    local: NDArray[np.float64]
    value: NDArray[np.float64]
    gradient: NDArray[np.float64]
    hessian: NDArray[np.float64]
    shared_step: NDArray[np.float64]
    local_step: NDArray[np.float64]
    gain: NDArray[np.float64]
    centre: NDArray[np.float64]
    root: NDArray[np.float64]

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether each member is a maximum."""
        return self.gain <= _SMALL_GAIN

    @property
    def nodes(self) -> Nodes:
        """Placement of the quadrature, from which a point nearby may start."""
        return Nodes(self.centre, self.root)

    def take(self, index: NDArray | list[int]) -> "Point":
        """These members of the batch."""
        return Point(**{name: array[index] for name, array in vars(self).items()})

    def where(self, rows: NDArray[np.bool_], other: "Point") -> "Point":
        """These members, the others from `other`."""
        return Point(
            **{
                name: np.where(rows.reshape(-1, *[1] * (array.ndim - 1)), array, vars(other)[name])
                for name, array in vars(self).items()
            }
        )


def _stand(
    likelihood: MarginalLikelihood,
    shared: NDArray,
    local: NDArray,
    frozen: NDArray,
    points: int,
    nodes: Nodes | None,
) -> Point:
    """Evaluate a batch of parameters and Newton's step from each."""
    batch, p = shared.shape
    psi = np.broadcast_to(shared[:, None, :], (batch, likelihood.constant.size, p))
    has_local = local.shape[-1] > 0
    if has_local:
        psi = np.concatenate([psi, local[..., None]], axis=-1)
    d = likelihood.evaluate(psi, points, nodes)
    gradient = d.gradient[..., :p].sum(axis=1)
    hessian = d.hessian[..., :p, :p].sum(axis=1)
    gain = np.zeros(batch)
    if has_local:
        cross, slope = d.hessian[..., p, :p], d.gradient[..., p]
        # A study without information about its own parameter leaves it where it is.
        bend = np.minimum(d.hessian[..., p, p], -1e-12)
        ratio = cross / bend[..., None]
        hessian = hessian - ratio.swapaxes(-1, -2) @ cross
        gradient = gradient - (slope[..., None] * ratio).sum(axis=1)
        gain = gain - (slope**2 / bend).sum(axis=-1) / 2

    free = ~frozen
    solvable = np.where(free[:, :, None] & free[:, None, :], -hessian, 0.0)
    values, vectors = np.linalg.eigh(solvable + np.eye(p) * frozen[:, :, None])
    # Where the likelihood is not concave (near tau = 0) the curvature's sign is turned, so that
    # every step leads up.
    size = np.abs(values)
    size = np.maximum(size, 1e-10 * size.max(axis=-1, keepdims=True) + 1e-300)
    along = ((gradient * free)[:, None, :] @ vectors)[:, 0, :]
    step = (vectors @ (along / size)[..., None])[..., 0]
    gain = gain + (along**2 / size).sum(axis=-1) / 2

    local_step = np.zeros_like(local)
    if has_local:
        local_step = -(slope + (cross @ step[..., None])[..., 0]) / bend
    longest = np.abs(np.concatenate([step, local_step], axis=-1)).max(axis=-1)
    shorten = np.minimum(1.0, _MAX_MOVE / np.maximum(longest, 1e-300))[:, None]
    return Point(
        shared=shared,
        local=local,
        value=d.value.sum(axis=-1),
        gradient=gradient,
        hessian=hessian,
        shared_step=step * shorten,
        local_step=local_step * shorten,
        gain=gain,
        centre=d.nodes.centre,
        root=d.nodes.root,
    )


def ascend(
    likelihood: MarginalLikelihood,
    shared: NDArray,
    local: NDArray,
    frozen: NDArray,
    points: int,
    nodes: Nodes | None = None,
    enough: float = _GAIN,
) -> Point:
    """Climb to a maximum from each of a batch of starting points.

    Parameters
    ----------
    likelihood : MarginalLikelihood
    shared, local : ndarray
        Starting values, as in `Point`.
    frozen : ndarray of bool, shape (batch, parameters)
        Shared parameters to hold where they are.
    points : int
        Quadrature points for each random effect.
    nodes : Nodes, optional
        Where the quadrature starts.
    enough : float
        Promised gain in log-likelihood at which to stop.

    Returns
    -------
    Point
        Never lower than the start.
    """
    here = _stand(likelihood, shared, local, frozen, points, nodes)
    fraction = np.ones(len(shared))
    for _ in range(_MAX_ITERATIONS):
        moving = (here.gain > enough) & (fraction > 1e-9)
        if not moving.any():
            break
        move = (fraction * moving)[:, None]
        there = _stand(
            likelihood,
            here.shared + move * here.shared_step,
            here.local + move * here.local_step,
            frozen,
            points,
            here.nodes,
        )
        # A loss within rounding of the sum cannot be told from a gain.
        higher = moving & (there.value >= here.value - 1e-13 * (1 + np.abs(here.value)))
        here = there.where(higher, here)
        fraction = np.where(higher, 1.0, np.where(moving, fraction / 4, fraction))
    return here


@dataclass(frozen=True)
class Maximum:
    """Maximum of a model's likelihood.

    Attributes
    ----------
    point : Point
        A batch of one; standard deviations are not negative.
    frozen : ndarray of bool, shape (1, parameters)
        Standard deviations held at 0.
    value_without_tau : float
        Largest log-likelihood with tau = 0.
    points : int
        Quadrature points for each random effect that the result rests on.
    exact : bool
        Whether the next coarser rule gives the same result.
    estimated : bool
        Whether the standard deviations were estimated.
    """

    point: Point
    frozen: NDArray[np.bool_]
    value_without_tau: float
    points: int
    exact: bool
    estimated: bool


def _agree(
    coarse: Point,
    fine: Point,
    frozen: NDArray,
    value: float = _AGREE_VALUE,
    move: float = _AGREE_MOVE,
) -> bool:
    information = np.maximum(-np.einsum("bpp->bp", fine.hessian), 1e-12)
    moved = np.abs(fine.shared - coarse.shared) * np.sqrt(information) * ~frozen
    changed = np.abs(fine.value - coarse.value)
    return bool(changed.max() <= value and moved.max() <= move)


def finer_rules(likelihood: MarginalLikelihood) -> tuple[int, ...]:
    """Quadrature points to try one after the other until two rules agree."""
    if likelihood.random.shape[-1] > 1:
        return LADDER[1:_LONGEST_WITH_TWO_EFFECTS]
    return LADDER[1:]


def polish(
    likelihood: MarginalLikelihood, point: Point, frozen: NDArray
) -> tuple[Point, int, bool]:
    """Climb with finer and finer rules until two agree: the point, its rule, the agreement."""
    if frozen[:, TAU].all() and likelihood.random.shape[-1] == 1:
        # With tau = 0 there is nothing to integrate, and one rule is as good as another.
        points = LADDER[0]
        top = ascend(likelihood, point.shared, point.local, frozen, points, point.nodes)
        return top, points, True
    rules = finer_rules(likelihood)
    fine = ascend(likelihood, point.shared, point.local, frozen, rules[0], point.nodes)
    for points in rules[1:]:
        coarse = fine
        fine = ascend(likelihood, coarse.shared, coarse.local, frozen, points, coarse.nodes)
        if _agree(coarse, fine, frozen):
            return fine, points, True
    return fine, rules[-1], _agree(coarse, fine, frozen, _ENOUGH_VALUE, _ENOUGH_MOVE)


def maximise(
    model: OneStageModel, estimate_deviations: bool = True, runaway: float = np.inf
) -> Maximum:
    """The global maximum of a model's likelihood.

    Parameters
    ----------
    model : OneStageModel
    estimate_deviations : bool
        If False all standard deviations are held at 0, as for a single study.
    runaway : float
        A tau beyond this is not followed: the result is what was reached, not exact.
    """
    likelihood = model.likelihood
    starts = _TAU_STARTS if estimate_deviations else _TAU_STARTS[:1]
    shared = np.tile(model.shared, (len(starts), 1))
    shared[:, TAU] = starts
    frozen = np.zeros(shared.shape, dtype=bool)
    frozen[0, TAU] = True
    if not estimate_deviations:
        frozen[:, model.deviations] = True
        shared[:, model.deviations] = 0.0
    local = np.tile(model.local, (len(starts), 1))
    coarse = ascend(likelihood, shared, local, frozen, LADDER[0], enough=_COARSE_GAIN)

    highest = int(coarse.value.argmax())
    if abs(coarse.shared[highest, TAU]) > runaway:
        value = float(coarse.value[0])
        point, held = coarse.take([highest]), frozen[[highest]]
        return Maximum(point, held, value, LADDER[0], False, estimate_deviations)
    zero = polish(likelihood, coarse.take([0]), frozen[:1])
    best, held = zero, frozen[:1]
    tau = np.abs(coarse.shared[:, TAU])
    seen: list[float] = [0.0]
    for i in np.argsort(-coarse.value):
        near = any(abs(tau[i] - t) < _SAME_TAU for t in seen)
        if near or coarse.value[i] < coarse.value.max() - _WORTH_POLISHING:
            continue
        seen.append(tau[i])
        candidate = polish(likelihood, coarse.take([i]), frozen[[i]])
        if candidate[0].value[0] > best[0].value[0] + _TIE:
            best, held = candidate, frozen[[i]]
    point, points, exact = best
    point.shared[:, model.deviations] = np.abs(point.shared[:, model.deviations])
    without_tau = float(zero[0].value[0])
    return Maximum(point, held, without_tau, points, exact, estimate_deviations)
