"""de Finetti diagram: the genotype proportions of each study's controls in a triangle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from genopool.association.comparisons import genotypes, printed
from genopool.association.effects import questions_of
from genopool.association.equilibrium import MIXED, decisive_p
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme, wording
from genopool.figures.axes import Area, Axis
from genopool.figures.clipping import Box
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel, plot_figure
from genopool.figures.questions import Question
from genopool.figures.text import clean, width, wrapped
from genopool.figures.wording import SIMULATED_NOTE

#: Upper 5% point of chi² on 1 degree of freedom.
CRITICAL = 3.841458820694124
LEVEL = 0.05
_SIDE = 320.0
_HEIGHT = _SIDE * sqrt(3) / 2
_ABOVE, _BELOW, _APART, _WIDEST = 14.0, 28.0, 7.0, 90.0
_STEPS = 100
_NAMED = 20
_DEPARTS = marks.Look("diamond", theme.PREDICTION, theme.INK, 0.7)


@dataclass(frozen=True)
class Controls:
    """Controls by genotype, once per control group; arrays have shape (groups,).

    Attributes
    ----------
    labels : list of str
    people : ndarray
    frequency : ndarray
        Of the effect allele: the place along the base.
    heterozygotes : ndarray
        Their share: the height.
    p_value : ndarray
        Of the Hardy-Weinberg test: exact where an expected count is below 5. NaN if there is one
        allele only.
    coefficient : ndarray
        Inbreeding coefficient.
    mixed : ndarray of bool
        Of several ancestries.
    not_tested : dict of str to int
        Why others are not here, and how many.
    """

    labels: list[str]
    people: np.ndarray
    frequency: np.ndarray
    heterozygotes: np.ndarray
    p_value: np.ndarray
    coefficient: np.ndarray
    mixed: np.ndarray
    not_tested: dict[str, int]


def controls_of(pools: Pools, effect_allele: str) -> Controls:
    """The controls of a locus that are given by genotype."""
    of_allele = [row for row in pools.results.hwe if row["effect_allele"] == effect_allele]
    rows = [row for row in of_allele if row["n0"] + row["n1"] + row["n2"] > 0]
    others = sorted(row["reason"] for row in of_allele if row not in rows)
    # Neither files nor their order show in a figure.
    rows.sort(key=lambda row: (row["n0"] + row["n1"] + row["n2"], row["n1"], _label(row)))
    n0, n1, n2, coefficient = (
        np.array([row[name] for row in rows], dtype=float)
        for name in ("n0", "n1", "n2", "inbreeding_coefficient")
    )
    people = n0 + n1 + n2
    return Controls(
        labels=[_label(row) for row in rows],
        people=people,
        frequency=(n1 + 2 * n2) / (2 * people),
        heterozygotes=n1 / people,
        p_value=np.array([decisive_p(row)[0] for row in rows], dtype=float),
        coefficient=coefficient,
        mixed=np.array([MIXED in row["reason"] for row in rows], dtype=bool),
        not_tested=Counter(reason.removeprefix("not tested: ") for reason in others),
    )


@dataclass(frozen=True)
class Corners:
    """The effect allele, and the genotypes with none, one and two of it."""

    allele: str
    none: str
    one: str
    two: str

    @property
    def room(self) -> float:
        """What the names at the left and the right take, in points."""
        lines = [
            line for n in (self.none, self.two) for line in wrapped(n, theme.SIZE, _WIDEST, "bold")
        ]
        return theme.SLACK * max(width(line, theme.SIZE, "bold") for line in lines) + _APART


def equilibrium(frequency: ArrayLike) -> np.ndarray:
    """Share of heterozygotes in Hardy-Weinberg proportions: the parabola."""
    p = np.asarray(frequency, dtype=float)
    return 2 * p * (1 - p)


def accepted(frequency: ArrayLike, people: float) -> tuple[np.ndarray, np.ndarray]:
    """Shares of heterozygotes that the chi-square test at 5% does not reject, low and high.

    chi² is n f² with f = 1 - h / 2p(1 - p), the inbreeding coefficient; the limits are cut off
    where the triangle ends.

    References
    ----------
    Graffelman J, Morales Camarena J (2008) Hum Hered 65:77.
    """
    p = np.asarray(frequency, dtype=float)
    spread = np.sqrt(CRITICAL / people)
    low = equilibrium(p) * max(1 - spread, 0.0)
    return low, np.minimum(equilibrium(p) * (1 + spread), 2 * np.minimum(p, 1 - p))


def _label(row: dict) -> str:
    population = row["population"]
    return f"{row['study']} ({population})" if population else row["study"]


def why_not(pools: Pools, i: int) -> str:
    """Why the effect allele of a pool has no such figure; blank if it has."""
    if not controls_of(pools, pools.rows[i]["effect_allele"]).labels:
        return "no study gives controls by genotype"
    return ""


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The genotype proportions of the controls of an effect allele, whatever the pool's model."""
    effect_allele = pools.rows[i]["effect_allele"]
    shown = controls_of(pools, effect_allele)
    corners = corners_of(pools, effect_allele)
    departs = shown.p_value < LEVEL
    people = float(np.median(shown.people))
    panel = Panel(
        "",
        "",
        Axis("", 0.0, 1.0, ticks=(), line=False),
        Axis("", 0.0, 1.0, ticks=(), line=False),
        lambda page, area: _contents(page, area, shown, corners, people),
        height=_ABOVE + _HEIGHT + _BELOW,
    )
    return plot_figure(
        [panel],
        title=f"{question.locus}: genotypes of controls",
        subtitle="Hardy-Weinberg equilibrium (de Finetti diagram) · effect allele "
        f"{corners.allele}",
        paragraphs=[
            _compared(shown, corners),
            "Curve: Hardy-Weinberg equilibrium. Shaded: not rejected at 5% by the chi-square test "
            f"in a group of the median size ({people:,.0f} people). Each group's own p is from "
            "that test, or from the exact one where fewer than 5 people with a genotype are "
            "expected.",
            _departures(shown, departs),
            _not_shown(shown),
            SIMULATED_NOTE if question.simulated else "",
        ],
        keys=[
            Key("p of 0.05 or more", marks.legend(marks.sample(marks.OPEN))),
            Key("p below 0.05", marks.legend(marks.sample(_DEPARTS))),
            Key("Equilibrium", marks.legend(marks.line(theme.DIAMOND_OVERALL))),
            Key("Not rejected", marks.legend(marks.band(theme.GRID))),
        ],
        columns=1,
        panel_width=_SIDE + 2 * corners.room,
    )


def corners_of(pools: Pools, effect_allele: str) -> Corners:
    """The names of an effect allele's genotypes: ``AA``, or ``no 19`` of a repeat."""
    settings = pools.config.loci[pools.locus]
    alleles, _ = questions_of(pools.config, pools.locus)
    allele = printed(effect_allele)
    if alleles.kind == "snp":
        return Corners(allele, *genotypes(alleles, effect_allele, settings.against))
    return Corners(allele, f"no {allele}", f"one {allele}", f"two {allele}")


def _contents(page: Page, area: Area, shown: Controls, corners: Corners, people: float) -> None:
    whole = Axis("", 0.0, 1.0)
    inner = Area(area.left + corners.room, area.top + _ABOVE, _SIDE, _HEIGHT, whole, whole)
    p = np.linspace(0.0, 1.0, _STEPS + 1)
    inner.band(page, "not rejected", p, *accepted(p, people), theme.GRID)
    inner.line(page, "equilibrium", p, equilibrium(p), theme.DIAMOND_OVERALL, 1.3)
    triangle = inner.points([0.0, 0.5, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0])
    page.lines("triangle", [triangle, triangle[:2]], theme.INK, 0.8)
    boxes = _base(page, inner, corners)
    departs = shown.p_value < LEVEL
    points = inner.points(shown.frequency, shown.heterozygotes)
    for name, those, look in (("points", ~departs, marks.OPEN), ("departing", departs, _DEPARTS)):
        chosen = [point for point, is_one in zip(points, those, strict=True) if is_one]
        boxes += marks.draw_marks(page, name, chosen, look)
    order = _by_p(shown, departs)
    place_labels(
        page,
        replace(area, height=_ABOVE + _HEIGHT),
        [(shown.labels[j], marks.extent(_DEPARTS.shape, *points[j])) for j in order],
        boxes=boxes,
        lines=[triangle, inner.points(p, equilibrium(p))],
    )


def _base(page: Page, area: Area, corners: Corners) -> list[Box]:
    """Draw the axis below and name the corners; what the names take."""
    ticks = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = area.x(share)
        ticks.append([(x, area.bottom), (x, area.bottom + 3)])
        label = f"{100 * share:.0f}%"
        page.write(x, area.bottom + 11.5, label, size=theme.SMALL, align="center")
    page.lines("ticks", ticks, theme.INK, 0.8)
    title = f"Frequency of {corners.allele}"
    middle = area.x(0.5)
    below = area.bottom + 24
    page.write(middle, below, title, size=theme.SMALL, color=theme.MUTED, align="center")
    page.write(middle, area.top - 5, corners.one, weight="bold", align="center")
    half = theme.SLACK * width(corners.one, theme.SIZE, "bold") / 2
    boxes: list[Box] = [(middle - half, area.top - _ABOVE, middle + half, area.top - 3)]
    for x, align, name in (
        (area.left - _APART, "right", corners.none),
        (area.right + _APART, "left", corners.two),
    ):
        lines = wrapped(name, theme.SIZE, _WIDEST, "bold")
        for up, line in enumerate(reversed(lines)):
            page.write(x, area.bottom - up * theme.LINE, line, weight="bold", align=align)
        reach = x + (corners.room if align == "left" else -corners.room)
        top = area.bottom - len(lines) * theme.LINE
        boxes.append((min(x, reach), top, max(x, reach), area.bottom + 3))
    return boxes


def _by_p(shown: Controls, departs: np.ndarray) -> list[int]:
    return [int(j) for j in np.argsort(shown.p_value, kind="stable") if departs[j]]


def _compared(shown: Controls, corners: Corners) -> str:
    low, high = (
        wording.per_cent(100 * float(f)) for f in (min(shown.frequency), max(shown.frequency))
    )
    groups = "control group" if len(shown.labels) == 1 else "control groups"
    return (
        f"{len(shown.labels)} {groups} by genotype, each once; cases are not shown, and no odds "
        f"ratio. A point's place along the base is the frequency of {corners.allele} in these "
        f"controls ({low} to {high}), its height the share of people with {corners.one}; at a "
        f"corner all have its genotype: {corners.none}, {corners.one} or {corners.two}."
    )


def _departures(shown: Controls, departs: np.ndarray) -> str:
    groups = len(shown.labels)
    chance = f"{LEVEL * groups:.1f} of {groups} would do so by chance"
    if not departs.any():
        return f"No group departs with p < 0.05 ({chance})."
    said = []
    order = _by_p(shown, departs)
    for j in order[:_NAMED]:
        many = "few" if shown.coefficient[j] > 0 else "many"
        mixed = ", mixed ancestry" if shown.mixed[j] else ""
        said.append(
            f"{clean(shown.labels[j])} ({wording.p_value(shown.p_value[j])}, too {many}{mixed})"
        )
    others = f" and {len(order) - _NAMED} more" if len(order) > _NAMED else ""
    return (
        f"Below the curve are too few heterozygotes, above it too many. With p < 0.05 ({chance}): "
        f"{'; '.join(said)}{others}. Genotyping errors and mixed ancestry do this: look at the "
        "results without them."
    )


def _not_shown(shown: Controls) -> str:
    listed = "; ".join(f"{reason} ({n})" for reason, n in shown.not_tested.items())
    return f"Not shown: {listed}." if listed else ""
