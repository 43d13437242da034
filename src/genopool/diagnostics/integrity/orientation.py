"""Which allele is which, where the letters cannot tell: A/T and C/G variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from genopool.association.answers import RowCounts
from genopool.association.effects import questions_of
from genopool.association.equilibrium import once_per_control_group
from genopool.diagnostics.integrity.frequencies import UNTELLING
from genopool.diagnostics.integrity.numbers import without_parts_of_wholes
from genopool.diagnostics.integrity.wording import times
from genopool.pooling.inverse_variance import pool
from genopool.studies.findings import Finding
from genopool.studies.populations import populations
from genopool.studies.records import CountRow, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

#: The fewest other studies of a stratum that can tell.
FEWEST_OTHERS = 3


def check_orientation(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Compare each study's allele frequency in controls with the others of its stratum.

    On the logit scale, the others give a random-effects mean and a predictive variance; the study's
    frequency p is compared with 1 - p by their normal densities, with its own binomial variance
    added. Nothing is turned.

    Parameters
    ----------
    config : Config
        `allele_frequency_by` names the stratifier within which frequencies are comparable; without
        it, or with `checks: {orientation: false}`, nothing is compared.
    locus : str
    tables : StudyTables

    Returns
    -------
    list of Finding
        For A/T and C/G variants: a warning where a study fits turned round so many times better
        as `checks: orientation` says, and a note where its orientation cannot be told.
    """
    limit = config.checks.orientation
    alleles, questions = questions_of(config, locus)
    if limit is None or not config.allele_frequency_by:
        return []
    if alleles.kind != "snp" or not alleles.is_palindromic:
        return []
    counts, estimates = tables.of_locus(locus)
    # Control groups once, and no part of a study whose whole is there.
    rows = without_parts_of_wholes(once_per_control_group(counts))
    described = populations([*counts, *estimates], config.stratifier_columns)
    strata = Strata(config, [*counts, *estimates])
    by_stratum: dict[str, list[tuple[CountRow, float, float]]] = {}
    for row in rows:
        stratum = strata.assign(config.allele_frequency_by, described[id(row)].values).stratum
        carried, total = RowCounts(row, alleles, questions[0]).alleles("controls")
        if stratum is not None and total > 0:
            by_stratum.setdefault(stratum, []).append((row, carried, total))
    findings = []
    for stratum, members in by_stratum.items():
        findings += _compare(stratum, members, questions[0].effect_allele, limit.warning)
    return findings


def _compare(
    stratum: str,
    members: Sequence[tuple[CountRow, float, float]],
    effect_allele: str,
    likelier: float,
) -> list[Finding]:
    carried, total = (np.array(numbers) for numbers in list(zip(*members, strict=True))[1:])
    some = np.where((carried == 0) | (carried == total), 0.5, 0.0)
    y = logit((carried + some) / (total + 2 * some))
    v = 1 / (carried + some) + 1 / (total - carried + some)
    k = len(members)
    own = np.eye(k, dtype=bool)
    others = [np.where(own, np.nan, np.broadcast_to(x, (k, k))) for x in (y, v)]
    fit = pool(*others, tau2="REML", interval="wald")
    predictive = np.nan_to_num(fit.tau2) + fit.se**2
    findings = []
    for i, (row, _, _) in enumerate(members):
        frequency = float(expit(y[i]))
        if k - 1 < FEWEST_OTHERS:
            why_not = f"only {k - 1} other studies of {stratum} give frequencies"
        elif UNTELLING[0] <= expit(fit.estimate[i]) <= UNTELLING[1]:
            why_not = f"the other studies of {stratum} have {expit(fit.estimate[i]):.2f} on average"
        else:
            why_not = ""
            # ratio of the densities at -y and y, normal about the mean of the others
            log_ratio = -2 * y[i] * fit.estimate[i] / (predictive[i] + v[i])
            if log_ratio > np.log(likelier):
                findings.append(
                    row.finding(
                        "warning",
                        "orientation",
                        f"the frequency of {effect_allele} in controls is {frequency:.2f}, in the "
                        f"{k - 1} other studies of {stratum} {expit(fit.estimate[i]):.2f} on "
                        f"average: {times(log_ratio)} times likelier turned round",
                        expected="the same allele counted as in the other studies",
                        why="the letters of an A/T or C/G variant do not tell the strand",
                        action="pooled as given; if the source agrees, name the study under "
                        "`turn:` of the locus",
                    )
                )
        if why_not:
            findings.append(
                row.finding(
                    "note",
                    "orientation_unknown",
                    f"orientation cannot be told: the frequency of {effect_allele} in controls is "
                    f"{frequency:.2f}, and {why_not}",
                    why="the letters of an A/T or C/G variant do not tell the strand",
                    action="pooled as given",
                )
            )
    return findings
