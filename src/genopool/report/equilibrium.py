"""Hardy-Weinberg equilibrium in controls: each study's tests, and its coefficients pooled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from genopool.config import OVERALL
from genopool.report import cells
from genopool.report.comparison import by_stratifier, genotypes, printed_allele
from genopool.report.evidence import WHOLE, WHOLES, has_parts
from genopool.report.inputs import Locus, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table

RowOf = dict[str, Any]


def hardy_weinberg_table(
    locus: Locus,
    rows: Sequence[RowOf],
    limits: tuple[float, float],
    numbering: Numbering,
    level: float = 0.95,
) -> Table:
    """The tests in controls. `limits` are the p-values of a note and of a warning."""
    effects = list(dict.fromkeys(text(row["effect_allele"]) for row in rows))
    shared = any(text(row["control_group"]) for row in rows)
    parts = has_parts(rows)
    labels = genotypes(locus, effects[0]) if len(effects) == 1 else ("0", "1", "2")
    columns = [
        Column("Study"),
        *([Column("Population")] if parts else []),
        *([Column("Control group")] if shared else []),
        *(Column(name, "num", "Controls") for name in labels),
        Column("frequency", "num", "Effect allele"),
        Column("smallest expected", "num", "Hardy-Weinberg"),
        Column("chi²", "num", "Hardy-Weinberg"),
        Column("p, chi²", "num", "Hardy-Weinberg"),
        Column("p, exact", "num", "Hardy-Weinberg"),
        Column("p, mid", "num", "Hardy-Weinberg"),
        Column(cells.stacked("F", f"{cells.level(level)} CI"), "num", "Hardy-Weinberg"),
    ]
    bodies = []
    for effect in effects:
        lines = []
        for row in (r for r in rows if text(r["effect_allele"]) == effect):
            reason = text(row["reason"]) or "not tested"
            frequency = number(row["effect_allele_frequency"])
            line = [
                text(row["study"]),
                *([text(row["population"]) or WHOLE] if parts else []),
                *([text(row["control_group"]) or cells.absent("its own")] if shared else []),
                *(cells.count(row[c], reason) for c in ("n0", "n1", "n2")),
                cells.percent(None if frequency is None else 100 * frequency, reason),
                cells.fixed(row["minimum_expected"], 1, reason),
                cells.fixed(row["chi2"], 2, reason),
                cells.p_value(row["p_chi2"], reason),
                cells.p_value(row["p_exact"], reason),
                cells.p_value(row["p_mid"], reason),
                cells.stacked(
                    cells.fixed(row["inbreeding_coefficient"], 3, reason),
                    _limits(row["f_ci_low"], row["f_ci_high"], reason),
                ),
            ]
            lines.append(Row(line, _departure(row, limits), notes=_remarks(row, limits)))
        heading = ""
        if len(effects) > 1:
            counted = [f"{n} = {g}" for n, g in zip("012", genotypes(locus, effect), strict=True)]
            heading = f"Effect allele {printed_allele(effect)}: {', '.join(counted)}"
        bodies.append(Body(lines, heading))
    alleles = cells.listed([printed_allele(e) for e in effects])
    caption = (
        f"{locus.name}: Hardy-Weinberg equilibrium in controls, counting copies of {alleles}. "
        "F above 0: fewer heterozygotes than expected; below 0: more. Shaded: p < "
        f"{limits[0]:g}.{'' if parts else WHOLES}"
    )
    return numbering.table(caption, columns, bodies)


def _limits(low: Any, high: Any, reason: str) -> str | Markup:
    low, high = number(low), number(high)
    if low is None or high is None:
        return cells.absent(reason)
    return f"[{cells.fixed(low, 2)}, {cells.fixed(high, 2)}]"


def _departure(row: RowOf, limits: tuple[float, float]) -> str:
    """How far controls depart, by the p-value that findings use."""
    expected = number(row["minimum_expected"])
    few = expected is not None and expected < 5
    p = number(row["p_exact"] if few else row["p_chi2"])
    if p is None or p >= limits[0]:
        return ""
    return "strong" if p < limits[1] else "weak"


def _remarks(row: RowOf, limits: tuple[float, float]) -> list[str]:
    departure = {
        "": "",
        "weak": f"Departs from equilibrium, p < {limits[0]:g}.",
        "strong": f"Departs from equilibrium, p < {limits[1]:g}.",
    }[_departure(row, limits)]
    of_all = number(row.get("p_all_alleles"))
    together = ""
    if of_all is not None:
        test = text(row.get("test_all_alleles"))
        together = f"All alleles at once: p = {cells.p_value(of_all)} ({test})."
    remarks = (departure, together, row.get("origin", ""), text(row["reason"]))
    return [remark for remark in remarks if remark]


def pooled_equilibrium_table(
    locus: Locus, rows: Sequence[RowOf], numbering: Numbering, level: float = 0.95
) -> Table | None:
    """Inbreeding coefficients pooled over studies; None where no two studies are pooled."""
    pooled = [row for row in rows if whole(row["k"]) > 1]
    if not pooled:
        return None
    bodies = []
    for effect in dict.fromkeys(text(row["effect_allele"]) for row in pooled):
        lines = []
        for row in (r for r in pooled if text(r["effect_allele"]) == effect):
            why, name = text(row["reason"]) or "does not exist here", text(row["stratifier"])
            stratum = f"{text(row['stratum'])} ({by_stratifier(name)})"
            said = text(row["reason"])
            lines.append(
                Row(
                    [
                        "Overall" if name == OVERALL else stratum,
                        cells.count(row["k"]),
                        cells.fixed(row["estimate"], 3, why),
                        _limits(row["ci_low"], row["ci_high"], why),
                        cells.p_value(row["p_value"], why),
                        cells.percent(row["i2"], why),
                    ],
                    notes=[f"{said[:1].upper()}{said[1:]}."] if said else [],
                )
            )
        bodies.append(Body(lines, f"Effect allele {printed_allele(effect)}"))
    columns = [
        Column("Controls of"),
        Column("Studies", "num"),
        Column("F", "num"),
        Column(f"{cells.level(level)} CI", "ci"),
        Column("p", "num"),
        Column("I²", "num"),
    ]
    caption = (
        f"{locus.name}: inbreeding coefficient F of the controls, pooled over studies. F above 0 "
        "in study after study points to mixed ancestry or to heterozygotes that were missed."
    )
    return numbering.table(caption, columns, bodies)
