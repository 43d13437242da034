"""The rows of `multiplicity.tsv`: p-values adjusted over the genetic models of a stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from genopool.association.effects import Effect
from genopool.association.model_covariance import within_study_covariance
from genopool.diagnostics.tables.pools import Pools, Rows, label
from genopool.pooling.multiplicity import adjusted_p_values, holm, z_correlation

JOINT = "joint normal"
HOLM = "Holm"
NONE = "none"
NO_P = "the pooled result has no p-value"
ONE_MODEL = "one model: nothing to adjust for"
REPORTED = "reported estimates enter: how this model varies with the others is not known"
APART = "models adjusted by Holm are taken as independent of this one, the least favourable case"

#: The people of a row, or of rows whose cases were combined.
People = frozenset[int]
Adjusted = tuple[float, str, str]


def multiplicity_rows(pools: Pools) -> Rows:
    """The p-value of every pooled result, adjusted over the models of its stratum.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    list of dict
        One row for each pool, in their order.

    Notes
    -----
    Single-step adjustment by the joint normal distribution of the models' z's
    (`genopool.z_correlation`, `genopool.adjusted_p_values`). Models whose correlation with
    another is not known get Holm's p over all models; to the others they count as independent,
    which bounds the joint probability whatever the correlation (Šidák 1967, J Am Stat Assoc
    62:626; Royen 2014, Far East J Theor Stat 48:139).
    """
    groups: dict[tuple[str, str, str], list[int]] = {}
    for i, row in enumerate(pools.rows):
        group = row["effect_allele"], row["stratifier"], row["stratum"]
        groups.setdefault(group, []).append(i)
    known: dict[bytes, np.ndarray] = {}
    rows: dict[int, dict[str, Any]] = {}
    for members in groups.values():
        tested = [i for i in members if not np.isnan(pools.rows[i]["p_value"])]
        adjusted = _adjusted(pools, tested, known)
        for i in members:
            p_adjusted, adjustment, reason = adjusted.get(i, (np.nan, "", NO_P))
            rows[i] = {
                "locus": pools.locus,
                **pools.key(i),
                "k": pools.rows[i]["k"],
                "p_value": pools.rows[i]["p_value"],
                "models": len(tested),
                "adjustment": adjustment,
                "p_adjusted": p_adjusted,
                "reason": reason,
            }
    return [rows[i] for i in range(len(pools.rows))]


def _adjusted(
    pools: Pools, tested: Sequence[int], known: dict[bytes, np.ndarray]
) -> dict[int, Adjusted]:
    """Adjusted p, kind of adjustment and reason of the pools of one stratum that have a p."""
    p = np.array([pools.rows[i]["p_value"] for i in tested])
    if len(tested) < 2:
        return {i: (float(p[0]), NONE, ONE_MODEL) for i in tested}
    models = {i: _Model.of(pools, i) for i in tested}
    why = _why_not_jointly(pools, models)
    joint = [i for i in tested if i not in why]
    if len(joint) == 1:
        why[joint.pop()] = "the correlation with no other model is known"
    by_holm = dict(zip(tested, holm(p), strict=True))
    out = {i: (float(by_holm[i]), HOLM, reason) for i, reason in why.items()}
    if joint:
        values = _jointly(pools, [models[i] for i in joint], joint, len(why), known)
        reason = APART if why else ""
        out |= {i: (float(x), JOINT, reason) for i, x in zip(joint, values, strict=True)}
    return out


@dataclass(frozen=True)
class _Model:
    """The studies of one model's pool, by their people."""

    name: str
    effects: dict[People, Effect]

    @classmethod
    def of(cls, pools: Pools, i: int) -> _Model:
        return cls(pools.rows[i]["model"], {_people(e): e for e in pools.effects[i]})


def _people(effect: Effect) -> People:
    return frozenset(id(e.row) for e in effect.members or (effect,))


def _why_not_jointly(pools: Pools, models: dict[int, _Model]) -> dict[int, str]:
    """Why models have no known correlation with another, for those that do not."""
    why = {i: REPORTED for i in models if pools.rows[i]["k_reported"]}
    for i, j in combinations([i for i in models if i not in why], 2):
        study = _unknown_together(models[i].effects, models[j].effects)
        if study:
            for one, other in ((i, j), (j, i)):
                name = models[other].name
                why.setdefault(
                    one, f"{study} does not tell how this model and the {name} one vary together"
                )
    return why


def _unknown_together(one: dict[People, Effect], other: dict[People, Effect]) -> str:
    """The first study in both models whose counts do not tell how they vary together."""
    for people in one:
        if people in other and not _tells_covariance(one[people]):
            return label(one[people])
    if one.keys() == other.keys():
        return ""
    alone = [[e for p, e in x.items() if p not in y] for x, y in ((one, other), (other, one))]
    for effect in alone[0]:
        # A whole in one model and its parts in the other, or other rows that share controls.
        if any(_names(effect) & _names(another) for another in alone[1]):
            return label(effect)
    return ""


def _tells_covariance(effect: Effect) -> bool:
    return (
        effect.is_of_men or not np.isnan(effect.cases.by_copies + effect.controls.by_copies).any()
    )


def _names(effect: Effect) -> set[tuple[str, str]]:
    """What two rows have in common if they share people."""
    rows = [e.row for e in effect.members or (effect,)]
    studies = {("study", row.study) for row in rows}
    return studies | {("controls", row.control_group) for row in rows if row.control_group}


def _jointly(
    pools: Pools,
    models: Sequence[_Model],
    places: Sequence[int],
    others: int,
    known: dict[bytes, np.ndarray],
) -> np.ndarray:
    """p adjusted by the joint normal of these models, besides `others` independent ones."""
    p = np.array([pools.rows[i]["p_value"] for i in places])
    tau2 = np.array([pools.rows[i]["tau2"] for i in places])
    r = z_correlation(*_arrays(models), tau2)
    same = p.tobytes() + r.tobytes()
    if same not in known:
        known[same] = adjusted_p_values(p, r)
    adjusted = known[same]
    if not others:
        return adjusted
    with np.errstate(divide="ignore"):
        of_others = -np.expm1(others * np.log1p(-p))
    return adjusted + (1 - adjusted) * of_others


def _arrays(models: Sequence[_Model]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log odds ratios, variances and within-study covariances, shape (models[, models], studies).

    Estimates and variances are those that were pooled, corrections and shares of controls
    included; correlations are those of the genotype counts.
    """
    studies = {
        people: j for j, people in enumerate(dict.fromkeys(p for m in models for p in m.effects))
    }
    shape = len(models), len(studies)
    log_or, variance = np.full((2, *shape), np.nan)
    rescaled, of_men = np.zeros(shape, dtype=bool), np.zeros(len(studies), dtype=bool)
    cases, controls = np.full((2, len(studies), 3), np.nan)
    for a, model in enumerate(models):
        for people, effect in model.effects.items():
            j = studies[people]
            log_or[a, j], variance[a, j] = effect.log_or, effect.se**2
            of_men[j] = effect.is_of_men
            if np.isnan(cases[j]).all():
                cases[j], controls[j] = effect.cases.by_copies, effect.controls.by_copies
            divided = (controls[j] != effect.controls.by_copies).any()
            rescaled[a, j] = divided or effect.correction > 0 or effect.correction_controls > 0
    # Men's two models are one: the per-allele slope is half the allelic log odds ratio. A study
    # that does not give all genotypes is in one model only, with its own variance.
    whole = ~of_men & ~np.isnan(cases.sum(axis=-1) + controls.sum(axis=-1))
    names = tuple(model.name for model in models)
    of_genotypes = within_study_covariance(
        cases, controls, names, np.where(whole, variance, np.nan), rescaled
    )
    covariance = np.where(whole, of_genotypes, np.sqrt(variance[:, None] * variance))
    return log_or, variance, covariance
