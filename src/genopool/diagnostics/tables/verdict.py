"""The rows of `verdict.tsv`: the Venice criteria, and what each result comes to in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Any

from genopool.association.models import primary_model
from genopool.diagnostics import venice
from genopool.diagnostics.conclusion import NOTHING, SUGGESTS, SUPPORTS, Conclusion, conclude
from genopool.diagnostics.evidence import Evidence
from genopool.diagnostics.statement import statement
from genopool.diagnostics.tables.pools import KEYS, Pools, Rows, key_of
from genopool.diagnostics.tables.verdict_evidence import Made, pool_evidence, question
from genopool.diagnostics.venice import BiasEvidence, Grade
from genopool.diagnostics.venice_wording import (
    amount_text,
    overall_text,
    protection_text,
    replication_text,
)
from genopool.diagnostics.wording import number as count_in_words
from genopool.diagnostics.wording import p_value

#: The model of a row about all genetic models together.
ALL_MODELS = "all"


def verdict_rows(pools: Pools, made: Made) -> Rows:
    """The Venice grades and the statement of every pool, and a statement over all models.

    Parameters
    ----------
    pools : Pools
    made : mapping of str to list of dict
        Rows of the other tables of diagnostics, by their names.

    Returns
    -------
    list of dict
        Rows of `verdict.tsv`. Of each effect allele and stratum the row `all` comes first. A
        question that no study answers has a statement that says so.
    """
    found = dict(zip(map(key_of, pools.sets), pool_evidence(pools, made), strict=True))
    rows: Rows = []
    for group in _groups(pools):
        evidence = {key: found[key] for key in group if key in found}
        rows.append(_over_models(pools, group, evidence))
        for key in group:
            if key in evidence:
                rows += _of_pool(pools, key, evidence[key])
            else:
                rows.append(_unanswered(pools, key))
    return rows


def _groups(pools: Pools) -> list[list[tuple]]:
    """Keys of the rows of `pooled.tsv`, by effect allele and stratum, models as configured."""
    groups: dict[tuple, list[tuple]] = {}
    for row in pools.results.pooled:
        key = tuple(row[name] for name in KEYS)
        groups.setdefault((key[0], *key[2:]), []).append(key)
    return list(groups.values())


def _row(pools: Pools, key: Sequence[str], criterion: str, **cells: Any) -> dict[str, Any]:
    numbers = cells.pop("numbers", {})
    written = "; ".join(f"{name}={_written(value)}" for name, value in numbers.items())
    return {
        "locus": pools.locus,
        **dict(zip(KEYS, key, strict=True)),
        "criterion": criterion,
        "numbers": written,
        "reason": "",
        **cells,
    }


def _written(value: Any) -> str:
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.6g}"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def _of_pool(pools: Pools, key: tuple, e: Evidence) -> Rows:
    if e.pooled is None:
        reason = "the pooled result has no odds ratio"
        text = f"The studies of {e.locus} give no pooled odds ratio."
        return [_row(pools, key, "statement", grade=NOTHING, text=text, reason=reason)]
    amount = venice.amount(e.smaller_group, at_least=e.reported > 0)
    replication = venice.replication(e.studies, e.is_significant, e.i2, e.p_without_first)
    protection = venice.protection_from_bias(bias_evidence(e))
    letters = [grade.grade for grade in (amount, replication, protection)]
    overall = venice.overall(letters, significant=e.is_significant)
    conclusion = conclude(e)
    graded = (
        ("amount", amount, amount_text, _amount_numbers),
        ("replication", replication, replication_text, _replication_numbers),
        ("protection_from_bias", protection, protection_text, _protection_numbers),
    )
    return [
        *(
            _row(
                pools,
                key,
                criterion,
                grade=grade.grade,
                numbers=_for(grade) | numbers(e),
                text=text(e, grade),
                reason="" if grade.grade else "no study gives counts",
            )
            for criterion, grade, text, numbers in graded
        ),
        _row(
            pools,
            key,
            "overall",
            grade=overall,
            numbers={"grades": "".join(letter or "-" for letter in letters)},
            text=overall_text("".join(letter or "-" for letter in letters), overall),
        ),
        _row(
            pools,
            key,
            "statement",
            grade=conclusion.name,
            numbers=_statement_numbers(e, conclusion),
            text=statement(e, conclusion),
        ),
    ]


def bias_evidence(e: Evidence) -> BiasEvidence:
    """What the criterion of protection from bias looks at."""
    alone = e.studies < 2
    return BiasEvidence(
        studies=e.k,
        significant=e.is_significant,
        odds_ratio=e.pooled.odds_ratio,
        lost_without_first=(
            any(e.is_lost(w.estimate) for w in e.without_first) if e.first else None
        ),
        lost_without_one=alone or (bool(e.lost_without) if e.without_one else None),
        lost_without_departures=(
            True
            if e.departing and e.is_lost(e.without_departures)
            else None
            if e.untested
            else False
        ),
        lost_without_reported=e.reported > 0 and e.is_lost(e.counts_only),
        lost_without_warned=bool(e.warned) and e.is_lost(e.without_warned),
        reported=e.reported,
        warned=len(e.warned),
        small_studies_unknown=isnan(e.small_study_p),
        small_study_p=e.small_study_p if e.small_studies_exaggerate else float("nan"),
        excess_p=e.excess_p,
    )


def _for(grade: Grade) -> dict[str, Any]:
    return {"for": grade.reasons} if grade.reasons else {}


def _amount_numbers(e: Evidence) -> dict[str, Any]:
    return {
        "smaller_group": e.smaller_group,
        "of_cases": e.smaller_group_cases,
        "of_controls": e.smaller_group - e.smaller_group_cases,
        "one_to_one": e.one_to_one,
    }


def _replication_numbers(e: Evidence) -> dict[str, Any]:
    return {
        "studies": e.studies,
        "p_value": e.pooled.p_value,
        "i2": e.i2,
        "p_without_first": e.p_without_first,
    }


def _protection_numbers(e: Evidence) -> dict[str, Any]:
    return {
        "k": e.k,
        "or": e.pooled.odds_ratio,
        "first": e.first,
        "p_without_first": e.p_without_first,
        "lost_without": tuple(w.study for w in e.lost_without),
        "hwe_departures": len(e.departing),
        "hwe_untested": e.untested,
        "p_without_departures": _p(e.without_departures),
        "reported": e.reported,
        "p_counts_only": _p(e.counts_only),
        "warned": e.warned,
        "p_without_warned": _p(e.without_warned),
        "small_study_test": e.small_study_test,
        "small_study_p": e.small_study_p,
        "small_studies_exaggerate": "yes" if e.small_studies_exaggerate else "no",
        "excess_significance_p": e.excess_p,
    }


def _p(estimate: Any) -> float:
    return float("nan") if estimate is None else estimate.p_value


def _statement_numbers(e: Evidence, conclusion: Conclusion) -> dict[str, Any]:
    return {
        "reservations": conclusion.reservations,
        "k": e.k,
        "or": e.pooled.odds_ratio,
        "ci_low": e.pooled.ci_low,
        "ci_high": e.pooled.ci_high,
        "p_value": e.pooled.p_value,
        "p_adjusted": e.p_adjusted,
        "i2": e.i2,
        "largest_study": "" if e.largest is None else e.largest.study,
        "largest_study_information": e.share,
        "choices_significant": f"{e.choices_significant} of {e.choices}",
        "bfdp": e.false_probability,
    }


def _unanswered(pools: Pools, key: tuple) -> dict[str, Any]:
    row = next(r for r in pools.results.pooled if tuple(r[name] for name in KEYS) == key)
    pooled_set = next(s for s in pools.results.sets if key_of(s) == key)
    text = statement(question(pools, row, pooled_set))
    return _row(pools, key, "statement", grade=NOTHING, text=text, reason=row["reason"])


def _over_models(
    pools: Pools, group: Sequence[tuple], evidence: Mapping[tuple, Evidence]
) -> dict[str, Any]:
    """The statement over all genetic models of an effect allele in a stratum."""
    evidence = {key: e for key, e in evidence.items() if e.pooled is not None}
    allele, _, *stratum = group[0]
    key = (allele, ALL_MODELS, *stratum)
    if not evidence:
        return _unanswered(pools, group[0]) | {"model": ALL_MODELS}
    by_model = {key[1]: key for key in evidence}
    studies = {model: evidence[of].k for model, of in by_model.items()}
    judged = by_model[primary_model(pools.config.models, studies)]
    e, conclusion = evidence[judged], conclude(evidence[judged])
    smallest = _smallest_p(e, judged, evidence)
    other = evidence[smallest]
    shown_by_other = other.p_adjusted < e.alpha and conclude(other).name in (SUPPORTS, SUGGESTS)
    if shown_by_other and not e.is_significant and e.studies > 1:
        conclusion = Conclusion(SUGGESTS, ("other model",))
    text = statement(
        e if len(evidence) == 1 else replace(e, models=1),
        conclusion,
        also=_models_text(judged, smallest, evidence),
    )
    return _row(
        pools,
        key,
        "statement",
        grade=conclusion.name,
        numbers={"judged": judged[1], "smallest_p_model": smallest[1]}
        | {"smallest_p_adjusted": other.p_adjusted}
        | _statement_numbers(e, conclusion),
        text=text,
    )


def _smallest_p(e: Evidence, judged: tuple, evidence: Mapping[tuple, Evidence]) -> tuple:
    """The model with the smallest adjusted p, among those of two studies if the judged one is."""
    tested = [
        key
        for key, other in evidence.items()
        if not isnan(other.p_adjusted) and (other.studies > 1 or e.studies == 1)
    ]
    return min(tested, key=lambda key: evidence[key].p_adjusted, default=judged)


def _models_text(judged: tuple, smallest: tuple, evidence: Mapping[tuple, Evidence]) -> str:
    if len(evidence) == 1:
        return ""
    text = f"Of {count_in_words(len(evidence))} genetic models the {judged[1]} one is judged"
    p = evidence[smallest].p_adjusted
    if isnan(p):
        return f"{text}."
    of_one_study = any(other.p_adjusted < p for other in evidence.values())
    among = " of those that several studies answer" if of_one_study else ""
    if smallest == judged:
        return f"{text}, which has the smallest p{among} ({p_value(p)} allowing for all)."
    which = f"the {smallest[1]} one ({p_value(p)})"
    return f"{text}; the smallest p{among}, allowing for all, is that of {which}."
