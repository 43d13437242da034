"""What is said of all loci together: the false discovery rate over their questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from genopool.config import OVERALL
from genopool.diagnostics.multiple_loci import across_loci

Rows = list[dict[str, Any]]


def multiplicity_across_loci(rows: Sequence[dict[str, Any]]) -> Rows:
    """The rows of every locus's `multiplicity.tsv` with the false discovery rate over all.

    Parameters
    ----------
    rows : sequence of dict
        As read from the tables.

    Returns
    -------
    list of dict
        The same rows; overall ones also with `p_locus`, the smallest adjusted p of their locus and
        effect allele, `q_value`, and `questions`, how many it is over.

    Notes
    -----
    Each locus asks one question for each of its effect alleles, and all questions that have an
    answer are one family: with a family for the first alleles of the loci and another for the
    second ones, what a q-value means would hang on the order of alleles in the configuration.
    """
    by_question: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row["stratifier"] == OVERALL and row["p_adjusted"]:
            by_question.setdefault(_question(row), []).append(float(row["p_adjusted"]))
    most = max(map(len, by_question.values()), default=0)
    padded = [[*p, *[math.nan] * (most - len(p))] for p in by_question.values()]
    found = across_loci(padded or [[math.nan]])
    places = {question: place for place, question in enumerate(by_question)}
    return [
        {
            **row,
            "p_locus": float(found.smallest_p[places[_question(row)]]),
            "q_value": float(found.q_value[places[_question(row)]]),
            "questions": len(places),
        }
        if row["stratifier"] == OVERALL and _question(row) in places
        else row
        for row in rows
    ]


def _question(row: dict[str, Any]) -> tuple[str, str]:
    return row["locus"], row["effect_allele"]
