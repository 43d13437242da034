"""Result tables built by hand, and a figure taken apart into its texts and shapes."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from genopool.figures import theme
from genopool.figures.questions import Question

DATA = Path(__file__).parents[1] / "data"
Z = 1.959963984540054
# Boxes of text may touch by this much, in points: they hold the room for accents and descenders.
TOUCH = 0.3
BLANK_COUNTS = {
    f"{group}_{cell}": ""
    for group in ("case", "control")
    for cell in ("exposed", "unexposed", "n0", "n1", "n2")
}


class Tables:
    """Rows of effects, pooled and strata for one question, pooled by DerSimonian and Laird."""

    def __init__(self, model="dominant"):
        self.model = model
        self.effects, self.pooled, self.strata = [], [], []

    def __iter__(self):
        return iter((self.effects, self.pooled, self.strata))

    def add(self, study, cases, controls, *, stratum=None, overall=True, **cells):
        """A study with people by number of effect alleles, in the overall pool and a stratum."""
        places = [("overall", "all")] * overall + [("ethnicity", stratum)] * bool(stratum)
        for stratifier, name in places:
            self.effects.append(self._effect(study, cases, controls, stratifier, name) | cells)
        return self

    def add_reported(self, study, odds_ratio, ci_low, ci_high, **cells):
        se = math.log(ci_high / ci_low) / (2 * Z)
        reported = {"source": "reported", "log_or": math.log(odds_ratio), "se": se}
        limits = {"or": odds_ratio, "ci_low": ci_low, "ci_high": ci_high}
        nobody = {"n_cases": math.nan, "n_controls": math.nan}
        row = BLANK_COUNTS | nobody | reported | limits | cells
        return self.add(study, (1, 1, 1), (1, 1, 1), **row)

    def pool(self, *, reasons=None, **whole):
        """Pool every set; `whole` changes cells of the overall row."""
        sets = {("overall", "all"): []}
        for row in self.effects:
            if row["used"] == "yes":
                sets.setdefault((row["stratifier"], row["stratum"]), []).append(row)
        for (stratifier, stratum), rows in sets.items():
            pooled = self._pooled(rows) | {"stratifier": stratifier, "stratum": stratum}
            pooled["reason"] = (reasons or {}).get(stratum, pooled["reason"])
            self.pooled.append(pooled | (whole if stratum == "all" else {}))
        test = {"tau2_between": "common", "distribution": "F", "reason": ""}
        numbers = {"statistic": 2.844916, "df1": 1, "df2": 24, "p_value": 0.10463}
        self.strata.append(self._key() | {"stratifier": "ethnicity"} | test | numbers)
        return self

    def _key(self):
        return {"locus": "IL8", "effect_allele": "T", "model": self.model}

    def _effect(self, study, cases, controls, stratifier, stratum):
        exposed = {"allelic": (0, 1, 2), "recessive": (0, 0, 1)}.get(self.model, (0, 1, 1))
        full = (2, 2, 2) if self.model == "allelic" else (1, 1, 1)
        a, c = (float(np.dot(group, exposed)) for group in (cases, controls))
        b, d = np.dot(cases, full) - a, np.dot(controls, full) - c
        log_or, se = math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        row = self._key() | {"file": "il8.csv", "sheet": "", "row": len(self.effects) + 2}
        row |= {"study": study, "population": "", "stratifier": stratifier, "stratum": stratum}
        row |= {"case_exposed": a, "case_unexposed": b}
        row |= {"control_exposed": c, "control_unexposed": d}
        for group, people in (("case", cases), ("control", controls)):
            row |= {f"{group}_n{copies}": people[copies] for copies in range(3)}
        if self.model == "additive":
            row |= {name: "" for name in BLANK_COUNTS if name.endswith("exposed")}
        row |= {"n_cases": sum(cases), "n_controls": sum(controls), "correction": 0.0}
        row |= {"log_or": log_or, "se": se, "or": math.exp(log_or), "source": "counts"}
        row |= {"ci_low": math.exp(log_or - Z * se), "ci_high": math.exp(log_or + Z * se)}
        return row | {"used": "yes", "reason": "", "weight": math.nan}

    def _pooled(self, rows):
        k = len(rows)
        names = ("log_or", "or", "ci_low", "ci_high", "tau2", "i2", "q", "q_df", "q_p", "pi_low")
        names += ("pi_high", "p_value")
        pooled = self._key() | dict.fromkeys(names, "") | {"k": k, "k_without_n": 0}
        pooled |= {"k_studies": len({row["study"] for row in rows})}
        pooled |= {"n_cases": 0, "n_controls": 0, "method": "inverse-variance"}
        pooled |= {"tau2_method": "DL", "interval": "wald", "reason": ""}
        if not k:
            return pooled | {"reason": "no study answers this question"}
        y, v = (np.array([row[c] for row in rows]) ** p for c, p in (("log_or", 1), ("se", 2)))
        w = 1 / v
        q = float(np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2))
        tau2 = max(0.0, (q - (k - 1)) / (w.sum() - np.sum(w**2) / w.sum())) if k > 1 else 0.0
        w = 1 / (v + tau2)
        mean, se = float(np.sum(w * y) / w.sum()), w.sum() ** -0.5
        for row, weight in zip(rows, 100 * w / w.sum(), strict=True):
            row["weight"] = float(weight)
        for name, spread in (("ci", Z * se), ("pi", Z * math.sqrt(se**2 + tau2))):
            limits = (math.exp(mean - spread), math.exp(mean + spread))
            pooled |= dict(zip((f"{name}_low", f"{name}_high"), limits, strict=True))
        pooled |= {"log_or": mean, "or": math.exp(mean)}
        for name in ("n_cases", "n_controls"):
            pooled[name] = np.nansum([row[name] for row in rows])
        if k == 1:
            blank = {"pi_low": "", "pi_high": ""}
            return pooled | blank | {"reason": "one study: its own estimate"}
        i2 = 100 * max(0.0, (q - (k - 1)) / q) if q else 0.0
        return pooled | {"tau2": tau2, "i2": i2, "q": q, "q_df": k - 1, "q_p": 0.0346}


class Drawn:
    """A drawn figure: its texts with their boxes, and its shapes, in points from top left."""

    def __init__(self, figure):
        self.figure = figure
        renderer = FigureCanvasAgg(figure).get_renderer()
        self.texts = figure.findobj(Text)
        with theme.settings():
            boxes = [text.get_window_extent(renderer).extents for text in self.texts]
        self.width, self.height = figure.get_size_inches() * 72
        left, bottom, right, top = np.array(boxes).T * 72 / figure.dpi
        self.boxes = np.array([left, self.height - top, right, self.height - bottom]).T
        self.strings = [text.get_text() for text in self.texts]

    def box(self, string):
        return self.boxes[self.strings.index(string)]

    def shapes(self, name):
        """Vertices of each polygon or line of the artists labelled `name`."""
        found = []
        for patch in self.figure.findobj(PathPatch):
            if patch.get_label() == name:
                path = patch.get_path()
                starts = np.flatnonzero(path.codes == path.MOVETO)
                for part, codes in zip(
                    np.split(path.vertices, starts[1:]),
                    np.split(path.codes, starts[1:]),
                    strict=True,
                ):
                    found.append(part[codes != path.CLOSEPOLY])
        return found

    def odds(self, x):
        """The odds ratio at `x`, from where the tick labels stand."""
        ticks = [(float(s), b[:3:2].mean()) for s, b in self.ticks()]
        odds, places = np.array(ticks).T
        slope, start = np.polyfit(places, np.log(odds), 1)
        return np.exp(start + slope * np.asarray(x))

    def ticks(self):
        (line, *_) = self.shapes("axis")
        y = line[0, 1]
        return [
            (s, b)
            for s, b in zip(self.strings, self.boxes, strict=True)
            if y < b[3] - 5 < y + 12 and line[0, 0] - 9 < b[0] and b[2] < line[1, 0] + 9
        ]

    def scale(self, name, panel=0, transform=float):
        """What stands at places along an axis (`axis`, `y axis`, `right axis`), from its labels."""
        axes = [p for p in self.figure.findobj(PathPatch) if p.get_label() == name]
        starts = axes[panel].get_path().vertices[::2]
        across = name == "axis"
        along, beside = (0, 1) if across else (1, 0)
        middle = self.boxes.reshape(-1, 2, 2).mean(axis=1)
        places, values = [], []
        for tick in starts[1:]:
            off = abs(middle[:, along] - tick[along])
            gap = self.boxes[:, {"axis": 1, "y axis": 2, "right axis": 0}[name]] - tick[beside]
            near = (off < (0.6 if across else 3)) & (abs(gap) < 10)
            for label in np.array(self.strings)[near]:
                places.append(tick[along])
                values.append(transform(float(label.replace("−", "-").replace(",", ""))))
        slope, start = np.polyfit(places, values, 1)
        return lambda place: start + slope * np.asarray(place)

    def centres(self, name):
        """The middle of each shape of the artists labelled `name`."""
        return np.array([shape.mean(axis=0) for shape in self.shapes(name)]).reshape(-1, 2)

    def overlaps(self, wider=1.0):
        """Pairs of texts that overlap, in a font that is wider than DejaVu Sans."""
        left, top, right, bottom = self.boxes_in_a_font(wider).T
        across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
        down = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
        pairs = np.argwhere(np.triu((across > TOUCH) & (down > TOUCH), 1))
        return [(self.strings[i], self.strings[j]) for i, j in pairs]

    def boxes_in_a_font(self, wider):
        boxes = self.boxes.copy()
        for box, text in zip(boxes, self.texts, strict=True):
            more = (wider - 1) * (box[2] - box[0])
            share = {"left": 0.0, "center": 0.5, "right": 1.0}[text.get_ha()]
            box[0] -= share * more
            box[2] += (1 - share) * more
        return boxes

    def row(self, label):
        """All the strings on the line of the table that begins with `label`, left to right."""
        middle = self.boxes[:, 1::2].mean(axis=1)
        same = np.flatnonzero(abs(middle - self.box(label)[1::2].mean()) < 1)
        return [self.strings[i] for i in same[np.argsort(self.boxes[same, 0])]]


@pytest.fixture(scope="session")
def tables():
    return Tables


@pytest.fixture(scope="session")
def drawn():
    return Drawn


@pytest.fixture(scope="session")
def question():
    return Question(
        locus="IL-8 -251 A/T",
        effect_allele="T",
        comparison="AT + TT vs AA",
        outcome="gastric cancer",
        exposure="AT + TT",
        exposed_heading="AT + TT",
        frequency_range=(0.312, 0.68),
    )


@pytest.fixture(scope="session")
def il8():
    """Zhang et al. 2015: 26 studies, by ethnicity."""

    def build(model="dominant", studies=None, by_ethnicity=True):
        built = Tables(model)
        with open(DATA / "il8_zhang2015.csv", encoding="utf-8") as file:
            for row in list(csv.DictReader(file))[:studies]:
                cases, controls = (
                    [int(row[f"{group}_{genotype}"]) for genotype in ("AA", "AT", "TT")]
                    for group in ("cases", "controls")
                )
                stratum = row["ethnicity"] if by_ethnicity else None
                built.add(row["study"], cases, controls, stratum=stratum)
        return built.pool()

    return build


@pytest.fixture(scope="session")
def many_kinds(tables, question):
    """Every kind of row at once: long and odd names, parts, reported, clipped, left out."""
    built = tables()
    built.add("A study of sixty characters, by many authors, of the year 2020", (300, 400, 90),
              (350, 380, 100), stratum="Caucasian")  # fmt: skip
    built.add("Biobank", (31_000, 52_000, 17_000), (64_000, 101_000, 35_000), stratum="Caucasian")
    built.add("Cost $5_a^2 <b>&amp; \\alpha$", (90, 100, 30), (110, 90, 33), stratum="East Asian")
    built.add("王 2011 🎉", (80, 90, 30), (110, 90, 33), stratum="East Asian")
    built.add("Small", (9, 1, 1), (5, 8, 3), stratum="East Asian")
    built.add("Alone", (50, 60, 9), (60, 50, 9), stratum="Middle Eastern and North African")
    built.add("Nowhere", (60, 60, 9), (60, 70, 9))
    built.add("Marin", (8, 10, 4), (83, 181, 88), population="hypertensive pregnancy")
    built.add_reported("PMID 25960224", 1.34, 1.06, 1.7, stratum="East Asian", n_cases=465,
                       n_controls=799)  # fmt: skip
    built.add_reported("Wagner 2005", 1.5, 0.02, 160.0, population="familial series")
    whole = {"used": "no", "reason": "double zero", "weight": ""}
    built.add("Zero", (9, 9, 9), (9, 9, 9), **whole)
    built.add("Corrected", (20, 9, 1), (20, 12, 3), correction=0.5)
    built.pool(k_without_n=1)
    question = replace(question, turned=("Biobank",), notes=("Simulated data.",))
    return built, question
