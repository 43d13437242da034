"""The rows of `hwe_pooled.tsv`: do the controls of the studies depart the same way?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.answers import RowCounts
from genopool.association.departure import pool_inbreeding
from genopool.association.effects import questions_of
from genopool.association.equilibrium import MIXED, mixed_ancestry, once_per_control_group
from genopool.config import ALL, OVERALL
from genopool.pooling.methods import cautions
from genopool.studies.overlaps import Overlaps
from genopool.studies.populations import Candidate, populations, select
from genopool.studies.records import CountRow, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

POOLED_HWE_COLUMNS = (
    "locus effect_allele stratifier stratum k estimate se ci_low ci_high p_value tau2 i2 q q_p "
    "reason"
).split()
_NUMBERS = POOLED_HWE_COLUMNS[5:-1]


@dataclass(frozen=True)
class _Group:
    """The controls of one effect allele and stratum, and who is not among them."""

    effect_allele: str
    stratifier: str
    stratum: str
    people: list[tuple[float, float, float]]
    mixed: list[str]


def pool_equilibrium(config: Config, locus: str, tables: StudyTables) -> list[dict[str, Any]]:
    """Pool the inbreeding coefficients of controls, of all studies and by stratum.

    Parameters
    ----------
    config : Config
    locus : str
    tables : StudyTables

    Returns
    -------
    list of dict
        Rows of `hwe_pooled.tsv`: the overall analysis always, a stratum where it has a study.

    Notes
    -----
    Everybody is counted once, by the rules of the pooled odds ratios, and each control group
    once. Rows of mixed ancestry, in which heterozygotes are too few without any error, are left
    out; their parts are not.
    """
    groups = _groups(config, locus, tables)
    if not groups:
        return []
    width = max([1, *(len(group.people) for group in groups)])
    counts = np.full((3, len(groups), width), np.nan)
    for i, group in enumerate(groups):
        for j, people in enumerate(group.people):
            counts[:, i, j] = people
    fit = pool_inbreeding(*counts, **config.pooling.inverse_variance)
    rows = []
    for i, group in enumerate(groups):
        if fit.k[i] == 0 and group.stratifier != OVERALL:
            continue
        said = cautions(fit, i) if fit.k[i] else ["no study gives its controls by genotype"]
        one_allele = len(group.people) - int(fit.k[i])
        if one_allele:
            said.append(f"studies with one allele only, which have no coefficient: {one_allele}")
        if group.mixed:
            said.append(f"not pooled, {MIXED}: {', '.join(group.mixed)}")
        rows.append(
            {
                "locus": locus,
                "effect_allele": group.effect_allele,
                "stratifier": group.stratifier,
                "stratum": group.stratum,
                "k": int(fit.k[i]),
                **{name: float(getattr(fit, name)[i]) for name in _NUMBERS},
                "reason": "; ".join(said),
            }
        )
    return rows


def _groups(config: Config, locus: str, tables: StudyTables) -> list[_Group]:
    counts, estimates = tables.of_locus(locus)
    rows = [*counts, *estimates]
    alleles, questions = questions_of(config, locus)
    described = populations(rows, config.stratifier_columns)
    mixed = mixed_ancestry(config, rows)
    overlaps = Overlaps(config.overlaps, described)
    strata = _members(Strata(config, rows), counts, described)
    groups = []
    for question in questions:
        people = {id(r): RowCounts(r, alleles, question).by_copies("controls") for r in counts}
        for (stratifier, stratum), members in strata.items():
            tested = [row for row in members if not np.isnan(people[id(row)]).any()]
            candidates = [
                Candidate(described[id(row)], "counts", sum(people[id(row)]))
                for row in tested
                if id(row) not in mixed
            ]
            chosen = select(candidates, config.reported.prefer).chosen
            left_out = {id(one.candidate) for one in overlaps.resolve(chosen)} if overlaps else ()
            kept = [candidate.row for candidate in chosen if id(candidate) not in left_out]
            groups.append(
                _Group(
                    question.effect_allele,
                    stratifier,
                    stratum,
                    [people[id(row)] for row in once_per_control_group(kept)],
                    [row.name for row in tested if id(row) in mixed],
                )
            )
    return groups


def _members(
    strata: Strata, counts: Sequence[CountRow], described: dict[int, Any]
) -> dict[tuple[str, str], list[CountRow]]:
    """The rows of counts of everything and of each stratum, in the order of the results."""
    members = {(OVERALL, ALL): list(counts)}
    for name in strata.names:
        of_stratum: dict[str, list[CountRow]] = {}
        for row in counts:
            stratum = strata.assign(name, described[id(row)].values).stratum
            if stratum is not None:
                of_stratum.setdefault(stratum, []).append(row)
        members |= {(name, label): of_stratum[label] for label in strata.order(name, of_stratum)}
    return members
