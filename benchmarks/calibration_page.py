"""docs/calibration.md: calibration_template.md with its numbers taken from the table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

COMMON, RARE = (0.1, 0.4), (0.02,)
#: Widths beyond this many times the unit's are not worth telling apart.
ABSURD = 20

MEAN = (
    ("REML", "hartung-knapp"),
    ("REML", "hartung-knapp-adhoc"),
    ("REML", "hartung-knapp-iqwig"),
    ("REML", "kenward-roger"),
    ("REML", "wald-t"),
    ("REML", "wald"),
    ("DL", "wald"),
    ("DL", "hartung-knapp"),
    ("DL", "henmi-copas"),
    ("ML", "profile-likelihood"),
    ("ML", "profile-likelihood-bartlett"),
    ("EE", "wald"),
    ("mantel-haenszel", "wald"),
    ("UM.FS", "wald"),
)
TAU2 = ("Q-profile", "generalised-Q", "profile-likelihood", "restricted-profile-likelihood")
PREDICTION = (
    ("REML", "default, hartung-knapp"),
    ("REML", "default, wald"),
    ("REML", "riley, hartung-knapp"),
    ("REML", "riley, wald"),
    ("", "nagashima"),
)

TEMPLATE = Path(__file__).with_name("calibration_template.md")


def select(rows: Sequence[dict], quantity: str, key: tuple[str, str], **among) -> list[dict]:
    """Rows of an interval whose columns are in the given collections."""
    return [
        row
        for row in rows
        if (row["quantity"], row["estimator"], row["interval"]) == (quantity, *key)
        and all(row[name] in values for name, values in among.items())
        and row["defined"] > 0
    ]


def span(rows: Sequence[dict]) -> str:
    """Lowest and highest coverage, whole per cent."""
    low, high = (round(100 * f(row["coverage"] for row in rows)) for f in (min, max))
    return f"{low}%" if low == high else f"{low}–{high}%"


def lowest(rows: Sequence[dict]) -> str:
    return f"{100 * min(row['coverage'] for row in rows):.0f}%"


def coverage_table(
    rows: Sequence[dict], quantity: str, keys: Sequence[tuple[str, str]], exposure: Sequence[float]
) -> str:
    """A line for each interval, a column for each number of studies."""
    ks = sorted({row["k"] for row in rows})
    lines = []
    for key in keys:
        found = [select(rows, quantity, key, k=(k,), exposure=exposure) for k in ks]
        lines.append([label(*key), *(span(cell).rstrip("%") if cell else "" for cell in found)])
    return markdown(["", *(f"{k} studies" for k in ks)], lines)


def width_table(rows: Sequence[dict], keys: Sequence[tuple[str, str]], unit: tuple) -> str:
    """As `coverage_table`: median of the ratios of the median widths, common exposure."""
    ks = sorted({row["k"] for row in rows})
    lines = []
    for key in keys:
        if key == unit:
            continue
        line = [label(*key)]
        for k in ks:
            where = {"k": (k,), "exposure": COMMON}
            units = {place(r): r["median_width"] for r in select(rows, "mean", unit, **where)}
            ratio = np.median(
                [r["median_width"] / units[place(r)] for r in select(rows, "mean", key, **where)]
            )
            line.append(f"{ratio:.2f}" if ratio < ABSURD else f"over {ABSURD}")
        lines.append(line)
    return markdown(["", *(f"{k} studies" for k in ks)], lines)


def place(row: dict) -> tuple:
    return row["tau2"], row["k"], row["exposure"], row["sizes"]


def label(estimator: str, interval: str) -> str:
    if estimator in ("", "mantel-haenszel"):
        return f"`{estimator or interval}`"
    return f"`{interval}` ({estimator})"


def markdown(heading: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    first, *others = (f"| {' | '.join(line)} |" for line in [heading, *lines])
    return "\n".join([first, "|---" * len(heading) + "|", *others])


def typical_i2(exposure: float, tau2: float, people: int, log_or: float) -> float:
    """I² of equal studies with the expected counts, in per cent."""
    odds = exposure / (1 - exposure) * np.exp(log_or)
    case = odds / (1 + odds)
    variance = sum(1 / (people * p * (1 - p)) for p in (exposure, case))
    return 100 * tau2 / (tau2 + variance)


def i2_range(exposures: Sequence[float], tau2s: Sequence[float], people: int, log_or: float) -> str:
    found = []
    for tau2 in tau2s:
        ends = {round(typical_i2(x, tau2, people, log_or)) for x in exposures}
        found.append("–".join(f"{x}" for x in sorted(ends)) + "%")
    return ", ".join(found[:-1]) + " and " + found[-1]


def listed(values: Sequence[str]) -> str:
    return ", ".join(values[:-1]) + " or " + values[-1]


def page(rows: Sequence[dict]) -> str:
    """The whole page."""
    from calibration import LOG_OR, PEOPLE

    hk, adhoc = ("REML", "hartung-knapp"), ("REML", "hartung-knapp-adhoc")
    apart = {"tau2": (0.1, 0.4)}

    def mean(key: tuple[str, str], exposure=COMMON, **among) -> list[dict]:
        return select(rows, "mean", key, exposure=exposure, **among)

    def at(key: tuple[str, str]) -> float:
        where = {"k": (40,), "tau2": (0.4,), "sizes": ("mixed",)}
        (row,) = mean(key, exposure=RARE, **where)
        return row["bias"]

    tau2s, ks, exposures = (
        sorted({r[n] for r in rows if r["quantity"] == "mean"}) for n in ("tau2", "k", "exposure")
    )
    intervals_of_tau2 = [("", name) for name in TAU2]
    usual = [r for key in PREDICTION[:4] for r in select(rows, "prediction", key, exposure=COMMON)]
    equal_effects = mean(("EE", "wald"), tau2=(0.1,)) + mean(
        ("mantel-haenszel", "wald"), tau2=(0.1,)
    )
    few, unequal = {"k": (2, 3, 5)}, {"sizes": ("mixed", "one large")}
    return TEMPLATE.read_text(encoding="utf-8").format(
        people=PEOPLE,
        tau2s=listed([f"{t:g}" for t in tau2s]),
        ks=listed([str(k) for k in ks]),
        exposures=listed([f"{100 * x:g}%" for x in exposures]),
        cells=len({place(r) for r in rows}),
        replicates=mean(hk)[0]["replicates"],
        slow=mean(("UM.FS", "wald"))[0]["replicates"],
        i2_common=i2_range(COMMON, tau2s[1:], PEOPLE, LOG_OR),
        i2_rare=i2_range(RARE, tau2s[1:], PEOPLE, LOG_OR),
        hk_equal=span(mean(hk, sizes=("equal",))),
        hk_few=lowest(mean(hk, **few, **unequal)),
        hk_unequal=lowest(mean(hk, **unequal)),
        hk_dl=span(mean(("DL", "hartung-knapp"))),
        hk_rare=span(mean(hk, RARE, tau2=(0, 0.02, 0.1))),
        adhoc_few=lowest(mean(adhoc, **few)),
        adhoc=lowest(mean(adhoc)),
        wald_t=lowest(mean(("REML", "wald-t"))),
        iqwig=span(mean(("REML", "hartung-knapp-iqwig"))),
        kr_many=span(mean(("REML", "kenward-roger"), k=(10, 20, 40))),
        bartlett=span(mean(("ML", "profile-likelihood-bartlett"))),
        profile=span(mean(("ML", "profile-likelihood"))),
        wald_few=span(mean(("REML", "wald"), k=(2, 3, 5, 10), **apart)),
        dl_wald_few=lowest(mean(("DL", "wald"), **few)),
        ee_apart=span(equal_effects),
        hk_many=span(mean(hk, k=(20, 40))),
        wald_many=span(mean(("REML", "wald"), k=(20, 40))),
        bias=f"{at(hk):.2f}",
        bias_umfs=f"{at(('UM.FS', 'wald')):.2f}",
        umfs_rare=span(mean(("UM.FS", "wald"), RARE, tau2=(0.4,))),
        q_profile=span(select(rows, "tau2", ("", "Q-profile"), exposure=COMMON)),
        profile_tau2=span(select(rows, "tau2", ("", "profile-likelihood"), exposure=COMMON)),
        restricted_tau2=span(
            select(rows, "tau2", ("", "restricted-profile-likelihood"), exposure=COMMON)
        ),
        nagashima=span(select(rows, "prediction", ("", "nagashima"), exposure=COMMON)),
        usual_prediction=lowest(usual),
        mean_common=coverage_table(rows, "mean", MEAN, COMMON),
        mean_rare=coverage_table(rows, "mean", MEAN, RARE),
        mean_width=width_table(rows, MEAN, hk),
        tau2_common=coverage_table(rows, "tau2", intervals_of_tau2, COMMON),
        tau2_rare=coverage_table(rows, "tau2", intervals_of_tau2, RARE),
        prediction_common=coverage_table(rows, "prediction", PREDICTION, COMMON),
        prediction_rare=coverage_table(rows, "prediction", PREDICTION, RARE),
    )
