"""docs/speed.md and its figure, from what pooling_speed.py has measured."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from genopool.figures import theme

if TYPE_CHECKING:
    from pooling_speed import Size, Timing

TEXT = """# Speed

Measured with [`benchmarks/pooling_speed.py`](../benchmarks/pooling_speed.py), which writes this
page:

```sh
python benchmarks/pooling_speed.py --document docs
```

Machine: {machine}.
One thread; other programs ran at the same time, so processor seconds are the ones to compare.

## {sets:,} sets of {studies} studies

Random-effects meta-analyses with tau between 0 and 0.6. Best of several runs; libraries that take
one set at a time are timed on 50 sets and scaled up.

| | seconds | processor seconds | times genopool's |
|---|---|---|---|
{comparison}

genopool's row is the whole of `genopool.pool(log_or, variance)`: the mean with its Hartung-Knapp
interval and test, tau² at the global maximum of the restricted likelihood, Q, I², H², weights and
the prediction interval. The Fisher scoring below it is tau² alone in the fewest lines;
it stops after 20 steps, at the solution or not.

## From 10² to 10⁶ sets

Each size in a process of its own. Memory is the peak of the whole process, Python and the data
included.

| sets | seconds | processor seconds | microseconds a set | peak memory, GiB |
|---|---|---|---|---|
{curve}

![Processor time and peak memory against the number of sets](images/scaling.png)

Sets are pooled in pieces that stay in the processor's cache, so that time grows in proportion to
their number and memory is that of the input and the result.
"""


def write_page(
    folder: Path,
    sets: int,
    studies: int,
    timings: Sequence["Timing"],
    curve: Sequence["Size"],
    machine: str,
) -> None:
    ours = timings[0].cpu
    rows = []
    for timing in timings:
        if timing.note:
            rows.append(f"| {timing.name} | {timing.note} | | |")
            continue
        times = (
            f"{timing.cpu / ours:,.0f}" if timing.cpu > 10 * ours else f"{timing.cpu / ours:.1f}"
        )
        rows.append(f"| {timing.name} | {timing.wall:.3f} | {timing.cpu:.3f} | {times} |")
    points = [
        f"| {size.sets:,} | {size.wall:.3f} | {size.cpu:.3f} | {1e6 * size.cpu / size.sets:.1f} "
        f"| {size.memory:.2f} |"
        for size in curve
    ]
    text = TEXT.format(
        machine=machine,
        sets=sets,
        studies=studies,
        comparison="\n".join(rows),
        curve="\n".join(points),
    )
    (folder / "images").mkdir(exist_ok=True)
    draw_scaling(curve, folder / "images" / "scaling.png")
    (folder / "speed.md").write_text(text, encoding="utf-8")


def draw_scaling(curve: Sequence["Size"], path: Path) -> None:
    """Processor time and memory, both against the sets."""
    with theme.settings():
        figure = Figure(figsize=(6.6, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        sets = [size.sets for size in curve]
        for axes, values, title, reading, ticks in (
            (
                left,
                [size.cpu for size in curve],
                "Processor time, seconds",
                "{:.2g} s",
                (0.001, 0.01, 0.1, 1, 10),
            ),
            (
                right,
                [size.memory for size in curve],
                "Peak memory, GiB",
                "{:.2f} GiB",
                (0.05, 0.1, 0.2, 0.5, 1, 2),
            ),
        ):
            axes.plot(sets, values, marker="o", color=theme.DIAMOND_OVERALL, markersize=4)
            axes.annotate(
                reading.format(values[-1]),
                (sets[-1], values[-1]),
                xytext=(-7, 1),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=theme.SMALL,
            )
            axes.set_xscale("log")
            axes.set_yscale("log")
            low, high = axes.get_ylim()
            inside = [tick for tick in ticks if low < tick < high]
            axes.set_yticks(inside, [f"{tick:g}" for tick in inside])
            axes.set_title(title, fontsize=theme.SIZE, loc="left")
            axes.set_xlabel("sets of 13 studies", fontsize=theme.SMALL)
            powers = [round(math.log10(n)) for n in sets]
            axes.set_xticks(sets, [f"10{str(p).translate(RAISED)}" for p in powers])
            axes.minorticks_off()
            axes.tick_params(labelsize=theme.SMALL, color=theme.RULE)
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(color=theme.RULE, alpha=0.35, linewidth=0.5)
        figure.savefig(path, dpi=200, metadata={"Software": None})


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
