"""Figures of docs/calibration.md: coverage and width of each interval, from the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from genopool.figures import theme

SIZES = "mixed"
WIDTH_EXPOSURE = 0.1
#: Monte Carlo error of a coverage of 95%, in points, twice.
BAND = (94, 96)


@dataclass(frozen=True)
class Panel:
    """A row of small panels: the key of an interval in the table, and its heading."""

    estimator: str
    interval: str
    heading: str


@dataclass(frozen=True)
class Plan:
    """A figure: its intervals, the one whose width is the unit, and the axes' limits."""

    quantity: str
    panels: tuple[Panel, ...]
    unit: Panel
    lowest: float
    widths: tuple[float, float]
    title: str


def panels(*keys: str) -> tuple[Panel, ...]:
    """From 'estimator: interval' or 'estimator: interval = heading'."""
    made = []
    for key in keys:
        place, _, heading = key.partition(" = ")
        estimator, _, interval = place.partition(": ")
        shown = heading or f"{interval}\n({estimator})"
        made.append(Panel(estimator, interval, shown))
    return tuple(made)


MEAN = panels(
    "REML: hartung-knapp",
    "REML: hartung-knapp-adhoc = hartung-knapp-\nadhoc (REML)",
    "REML: hartung-knapp-iqwig = hartung-knapp-\niqwig (REML)",
    "REML: kenward-roger",
    "REML: wald-t",
    "REML: wald",
    "ML: profile-likelihood",
    "ML: profile-likelihood-bartlett = profile-likelihood-\nbartlett (ML)",
    "DL: henmi-copas",
    "EE: wald",
    "mantel-haenszel: wald = mantel-haenszel",
    "UM.FS: wald = wald\n(one stage, UM.FS)",
)
TAU2 = panels(
    ": Q-profile = Q-profile",
    ": generalised-Q = generalised-Q",
    ": profile-likelihood = profile-likelihood\n(ML)",
    ": restricted-profile-likelihood = restricted-profile-\nlikelihood (REML)",
)
PREDICTION = panels(
    "REML: default, hartung-knapp = default\n(hartung-knapp)",
    "REML: default, wald = default\n(wald)",
    "REML: riley, hartung-knapp = riley\n(hartung-knapp)",
    "REML: riley, wald = riley\n(wald)",
    ": nagashima = nagashima",
)
PLANS = (
    Plan("mean", MEAN, MEAN[0], 70, (0.4, 4), "Intervals of the mean log odds ratio"),
    Plan("tau2", TAU2, TAU2[0], 70, (0.1, 2), "Intervals of tau²"),
    Plan("prediction", PREDICTION, PREDICTION[0], 60, (0.3, 4), "Prediction intervals"),
)
MARKERS = "os^D"


def shades(number: int) -> list[str]:
    """From light to dark, told apart in grey too."""
    dark, paper = np.array(to_rgb(theme.DIAMOND_OVERALL)), np.array(to_rgb(theme.PAPER))
    return [to_hex(dark + (paper - dark) * x) for x in np.linspace(0.66, 0, number)]


def draw(rows: Sequence[dict], folder: Path) -> None:
    """Write calibration_mean.png, calibration_tau2.png and calibration_prediction.png."""
    for plan in PLANS:
        with theme.settings():
            figure = draw_plan(plan, rows)
            path = folder / f"calibration_{plan.quantity}.png"
            figure.savefig(path, dpi=150, metadata={"Software": None})


def draw_plan(plan: Plan, rows: Sequence[dict]) -> Figure:
    """One figure: a row of panels for each interval, a column for each exposure, and the width."""
    table = {
        (r["estimator"], r["interval"], r["exposure"], r["tau2"], r["k"]): r
        for r in rows
        if r["quantity"] == plan.quantity and r["sizes"] == SIZES
    }
    exposures, tau2s, ks = (sorted({key[i] for key in table}) for i in (2, 3, 4))
    number = len(plan.panels)
    figure = Figure(figsize=(7.4, 0.82 * number + 0.95))
    axes = figure.subplots(number, len(exposures) + 1, sharex=True, squeeze=False)
    for panel, line in zip(plan.panels, axes, strict=True):
        for tau2, colour, marker in zip(tau2s, shades(len(tau2s)), MARKERS, strict=True):
            style = {"color": colour, "marker": marker, "markersize": 3, "linewidth": 1}
            name = f"tau² = {tau2:g}"
            for exposure, ax in zip(exposures, line, strict=False):
                place = [(panel.estimator, panel.interval, exposure, tau2, k) for k in ks]
                y = [100 * table[p]["coverage"] if p in table else np.nan for p in place]
                plot_within(ax, y, (plan.lowest, 100), style, name)
            width = []
            for k in ks:
                one, unit = (
                    table.get((p.estimator, p.interval, WIDTH_EXPOSURE, tau2, k), {})
                    for p in (panel, plan.unit)
                )
                ratio = one.get("median_width", np.nan) / unit.get("median_width", np.nan)
                width.append(ratio)
            plot_within(line[-1], width, plan.widths, style, name)
        decorate(panel, line, plan, exposures, ks)
    for exposure, ax in zip(exposures, axes[0], strict=False):
        ax.set_title(f"Coverage, %\nexposure {100 * exposure:g}%", fontsize=theme.SIZE)
    unit = plan.unit.heading.split("\n")[0]
    if unit == "default":
        unit = "default (h.-k.)"
    axes[0, -1].set_title(
        f"Width, exposure {100 * WIDTH_EXPOSURE:g}%\n{unit} = 1", fontsize=theme.SIZE
    )
    for ax in axes[-1]:
        ax.set_xlabel("studies", fontsize=theme.SMALL, labelpad=1)
    height = figure.get_figheight()
    figure.subplots_adjust(0.185, 0.42 / height, 0.99, 1 - 0.74 / height, 0.2, 0.16)
    figure.text(0.01, 1 - 0.2 / height, plan.title, fontsize=theme.TITLE, weight="bold")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="upper right",
        ncols=len(tau2s),
        fontsize=theme.SMALL,
        frameon=False,
        bbox_to_anchor=(1, 1),
        handlelength=1.6,
        columnspacing=1.2,
    )
    return figure


def plot_within(
    ax: Axes, values: Sequence[float], limits: tuple[float, float], style: dict, name: str
) -> None:
    """A line over the numbers of studies; what is beyond the limits is an open arrow at them."""
    y = np.asarray(values, dtype=float)
    x = np.arange(y.size)
    low, high = limits
    with np.errstate(invalid="ignore"):
        below, above = y < low, y > high
    shown = np.flatnonzero(~(below | above))
    ax.plot(x, np.clip(y, low, high), label=name, markevery=list(shown), zorder=3, **style)
    for beyond, at, marker in ((below, low, "v"), (above, high, "^")):
        ax.plot(
            x[beyond],
            np.full(beyond.sum(), at),
            linestyle="none",
            marker=marker,
            markersize=4,
            markerfacecolor=theme.PAPER,
            markeredgecolor=style["color"],
            clip_on=False,
            zorder=4,
        )


def decorate(
    panel: Panel, line: Sequence[Axes], plan: Plan, exposures: Sequence[float], ks: Sequence[int]
) -> None:
    for ax in line:
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(theme.RULE)
        ax.tick_params(labelsize=theme.SMALL - 0.8, color=theme.RULE, length=2, pad=2)
        ax.set_xticks(range(len(ks)), [str(k) for k in ks])
        ax.set_xlim(-0.3, len(ks) - 0.7)
    for place, ax in enumerate(line[: len(exposures)]):
        ax.set_ylim(plan.lowest - 0.5, 100.8)
        ticks = [t for t in (60, 70, 80, 90, 100) if t >= plan.lowest]
        ax.set_yticks(ticks, [str(t) if place == 0 else "" for t in ticks])
        ax.axhspan(*BAND, color=theme.RULE, alpha=0.35, linewidth=0)
    width = line[-1]
    width.set_yscale("log")
    width.set_ylim(*plan.widths)
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 4) if plan.widths[0] <= t <= plan.widths[1]]
    width.set_yticks(ticks, [f"{t:g}" for t in ticks])
    width.minorticks_off()
    width.axhline(1, color=theme.RULE, linewidth=0.8)
    line[0].annotate(
        panel.heading,
        (0, 0.5),
        xycoords="axes fraction",
        xytext=(-0.185 * 7.4 * 72 + 8, 0),
        textcoords="offset points",
        va="center",
        fontsize=theme.SMALL,
    )
