"""docs/planted_errors.md and its figure: planted_errors_template.md with the table's numbers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from planted_kinds import KINDS

from genopool.diagnostics.settings import Checks
from genopool.figures import theme

TEMPLATE = Path(__file__).with_name("planted_errors_template.md")
AIM = 0.95
PARTS = {
    "simulated": "one error, simulated tables",
    "IL-8": "one error, IL-8 table",
    "CASP8": "one error, CASP8 table",
    "two": "two errors, simulated tables",
}
#: Fewer plantings that the oracle finds say nothing about a share.
FEWEST = 20


def wilson(found: int, of: int) -> tuple[float, float]:
    """95% interval of a proportion (Wilson 1927)."""
    z, p = 1.959963984540054, found / of
    middle = (p + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z / (1 + z**2 / of) * np.sqrt(p * (1 - p) / of + z**2 / (4 * of**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def per_cent(found: int, of: int, digits: int = 0) -> str:
    """A share with its interval."""
    if not of:
        return "–"
    low, high = (100 * limit for limit in wilson(found, of))
    return f"{100 * found / of:.{digits}f}% ({low:.{digits}f}–{high:.{digits}f})"


def markdown(heading: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    first, *others = (f"| {' | '.join(line)} |" for line in [heading, *lines])
    return "\n".join([first, "|---" * len(heading) + "|", *others])


def of_part(rows: Sequence[dict], part: str) -> dict[str, dict]:
    return {row["kind"]: row for row in rows if row["part"] == part}


def detection(rows: Sequence[dict], part: str) -> str:
    """A line for each kind: what was planted, what the oracle finds, and the sentinel of it."""
    found = of_part(rows, part)
    lines = []
    for kind in KINDS:
        row = found.get(kind.name)
        if row is None:
            continue
        names = [pair.partition(":")[0] for pair in row["own_check"].split()]
        lines.append(
            [
                kind.text,
                f"{row['planted']:,}",
                f"{100 * row['oracle'] / row['planted']:.0f}%",
                per_cent(row["both"], row["oracle"]),
                f"{100 * row['oracle_at_share'] / row['planted']:.0f}%",
                per_cent(row["both_at_share"], row["oracle_at_share"]),
                ", ".join(f"`{name}`" for name in names[:2]) or "none",
            ]
        )
    heading = (
        "error",
        "planted",
        "oracle finds",
        "sentinel finds of these",
        "oracle at 0.1%",
        "sentinel finds of these",
        "mostly by",
    )
    return markdown(heading, lines)


def short(rows: Sequence[dict], part: str) -> str:
    """The share found by kind, for the parts that need no more."""
    found = of_part(rows, part)
    lines = [
        [
            kind.text,
            f"{found[kind.name]['planted']:,}",
            f"{found[kind.name]['oracle']:,}",
            per_cent(found[kind.name]["both"], found[kind.name]["oracle"]),
        ]
        for kind in KINDS
        if kind.name in found
    ]
    return markdown(("error", "planted", "oracle finds", "sentinel finds of these"), lines)


def alarms(rows: Sequence[dict], wanted: str) -> str:
    """Clean studies that were warned of: in all, by setting, or by check."""
    lines = []
    for name, row in of_part(rows, "clean").items():
        kind = "any" if name.startswith("any") else name.split(":")[0]
        kind = kind if kind in ("any", "published") else "check"
        if kind != wanted:
            continue
        shown = name.removeprefix("any check: ").removeprefix("published: ")
        shown = f"`{shown}`" if kind == "check" else shown
        line = [shown, f"{row['planted']:,}", f"{row['sentinel']:,}"]
        line.append(per_cent(row["sentinel"], row["planted"], 2))
        lines.append(line)
    return markdown(("", "clean studies", "warned of", "share, %"), lines)


def reached(rows: Sequence[dict]) -> tuple[list[str], list[str]]:
    """The kinds of one error in simulated tables that reach the aim, and those that do not."""
    there, short_of = [], []
    for name, row in of_part(rows, "simulated").items():
        if row["oracle"]:
            text = next(kind.text for kind in KINDS if kind.name == name)
            (there if row["both"] >= AIM * row["oracle"] else short_of).append(text)
    return there, short_of


def page(rows: Sequence[dict]) -> str:
    """The whole page."""
    from planted_errors import SEED
    from planted_studies import F_ST, FREQUENCY, LOG_OR, PEOPLE, STUDIES, TAU

    clean = of_part(rows, "clean")["any check: all"]
    there, short_of = reached(rows)
    simulated = of_part(rows, "simulated").values()
    return TEMPLATE.read_text(encoding="utf-8").format(
        aim=f"{100 * AIM:.0f}%",
        seed=SEED,
        clean=f"{clean['planted']:,}",
        false=per_cent(clean["sentinel"], clean["planted"], 2),
        reached="; ".join(there) or "none",
        missed="; ".join(short_of) or "none",
        planted=f"{sum(row['planted'] for row in simulated):,}",
        f_st=F_ST,
        frequencies=f"{FREQUENCY[0]:g}–{FREQUENCY[1]:g}",
        odds=", ".join(f"{np.exp(x):.2f}" for x in LOG_OR),
        people=f"{PEOPLE[0]:,}–{PEOPLE[1]:,}",
        studies=", ".join(str(k) for k in STUDIES),
        tau=" or ".join(f"{t:g}" for t in TAU),
        simulated=detection(rows, "simulated"),
        two=short(rows, "two"),
        il8=short(rows, "IL-8"),
        casp8=short(rows, "CASP8"),
        alarms=alarms(rows, "any"),
        alarms_by_check=alarms(rows, "check"),
        alarms_published=alarms(rows, "published"),
    )


START, END = "<!-- shares: written by benchmarks/planted_errors.py -->\n", "<!-- end of shares -->"


def with_shares(text: str, rows: Sequence[dict]) -> str:
    """docs/checks.md with the threshold of each check and its share of the false warnings."""
    found = of_part(rows, "clean")
    total = found["any check: all"]
    lines = []
    for name, threshold in Checks().model_dump().items():
        check = {"hwe": "hardy_weinberg"}.get(name, name)
        # Others look at reported estimates and labels, which these tables have not.
        if not isinstance(threshold, dict) or "warning" not in threshold:
            continue
        warned = found[check]["sentinel"] if check in found else 0
        share = f"{100 * warned / total['planted']:.2f}%"
        lines.append([f"`{check}`", f"{threshold['warning']:g}", share])
    share = f"{100 * total['sentinel'] / total['planted']:.2f}%"
    lines.append(["all checks, also those without a threshold", "", share])
    table = markdown(("check", "`warning`", "clean studies warned of"), lines)
    before, rest = text.split(START)
    return before + START + table + "\n" + END + rest.split(END)[1]


def draw(rows: Sequence[dict], path: Path) -> None:
    """Write the figure."""
    with theme.settings():
        figure_of(rows).savefig(path, dpi=150, metadata={"Software": None})


def figure_of(rows: Sequence[dict]) -> Figure:
    """Share of what the oracle finds that the sentinel finds, by kind and part."""
    height = 0.235 * len(KINDS) + 1.1
    figure = Figure(figsize=(7.4, height))
    axes = figure.subplots(1, len(PARTS), sharey=True)
    y = np.arange(len(KINDS))[::-1]
    for ax, (part, title) in zip(axes, PARTS.items(), strict=True):
        found = of_part(rows, part)
        for at, kind in zip(y, KINDS, strict=True):
            row = found.get(kind.name)
            if row is None:
                continue
            seen = 100 * row["oracle"] / row["planted"]
            ax.barh(at, seen, height=0.72, color=theme.RULE, alpha=0.35, linewidth=0)
            if row["oracle"] < min(FEWEST, row["planted"]):
                continue
            share = 100 * row["both"] / row["oracle"]
            low, high = (100 * limit for limit in wilson(row["both"], row["oracle"]))
            ax.plot([low, high], [at, at], color=theme.DIAMOND_OVERALL, linewidth=1)
            ax.plot(share, at, marker="o", markersize=3.5, color=theme.DIAMOND_OVERALL)
        ax.axvline(100 * AIM, color=theme.PREDICTION, linewidth=0.8)
        ax.set_xlim(-3, 103)
        ax.set_ylim(-0.7, len(KINDS) - 0.3)
        ax.set_xticks([0, 50, 100])
        ax.tick_params(labelsize=theme.SMALL, color=theme.RULE, length=2, pad=2)
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(theme.RULE)
        ax.set_title(title.replace(", ", ",\n"), fontsize=theme.SMALL)
        ax.set_xlabel("%", fontsize=theme.SMALL, labelpad=1)
    axes[0].set_yticks(y, [kind.text for kind in KINDS])
    figure.subplots_adjust(0.385, 0.4 / height, 0.985, 1 - 0.75 / height, 0.1)
    figure.text(0.01, 1 - 0.2 / height, "Planted errors", fontsize=theme.TITLE, weight="bold")
    figure.text(
        0.25,
        1 - 0.2 / height,
        "grey: planted errors that the oracle finds; dots: of these, what the sentinel finds, with "
        "95% intervals",
        fontsize=theme.SMALL,
    )
    return figure
