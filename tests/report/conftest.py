"""A small project by hand, and the rendered page as elements.

The counts and odds ratios of Arafat 2025 are those of the paper (doi 10.1371/journal.pone.0325289),
the published pools those of the IGF tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from genopool.report import Figure, Locus, ReportInputs
from genopool.report.inputs import REQUIRED

VOID = frozenset(["meta", "link", "br", "img", "input", "hr"])
IGFBP3, IGF1, EMPTY = "IGFBP3_A-202C", "IGF1_CA", "IGF1R_rs28674628"

SVG = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="300pt" height="90pt" viewBox="0 0 300 90"
 xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata><rdf xmlns="http://example.org/rdf">made by</rdf></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>
  <clipPath id="clip"><rect x="0" y="0" width="300" height="90"/></clipPath>
  <path id="square" d="M 0 0 H 6 V 6 H 0 z" style="stroke: #1a1a1a"/></defs>
 <g id="figure_1"><g id="patch_1"><path d="M 0 0 H 300 V 90 H 0 z" style="fill: #ffffff"/></g>
  <g clip-path="url(#clip)"><use xlink:href="#square" x="150" y="40" style="fill: #56b4e9"/></g>
  <g id="text_1"><text style="font: 8.5px 'DejaVu Sans', 'Verdana', sans-serif"
   x="10" y="46">Arafat 2025 \u03c4\u00b2</text></g></g>
</svg>"""


def table(name, *rows):
    """A frame with the columns that the report reads; what a row leaves out is blank."""
    required = REQUIRED[name].split()
    columns = list(dict.fromkeys([*required, *(key for row in rows for key in row)]))
    return pd.DataFrame([[row.get(c, "") for c in columns] for row in rows], columns=columns)


def _counts(row, population, menopause, cases, controls, note):
    shared = dict(
        file="arafat_2025.csv",
        row=row,
        study="Arafat 2025",
        population=population,
        locus=IGFBP3,
        unit="genotype",
        year="2025",
        country="Palestine",
        menopausal_status=menopause,
        doi="10.1371/journal.pone.0325289",
        provenance="reconstructed",
        note=note,
    )
    return [
        shared | dict(genotype=g, cases=a, controls=b)
        for g, a, b in zip(("AA", "AC", "CC"), cases, controls, strict=True)
    ]


STUDIES = [
    *_counts(2, "", "", (11, 22, 79), (104, 72, 46), "whole"),
    *_counts(3, "premenopausal", "premenopausal", (5, 15, 51), (88, 58, 32), "part"),
]
ESTIMATES = [
    dict(
        file="wagner_2005.csv",
        row=2,
        study="Wagner 2005",
        population="familial series",
        locus=IGFBP3,
        reported_effect_allele="C",
        reported_model="dominant",
        measure="OR",
        estimate=1.50,
        ci_low=1.05,
        ci_high=2.14,
        level=0.95,
        adjusted="unknown",
        effect_allele="C",
        model="dominant",
        log_estimate=0.405465,
        se=0.181665,
        used="yes",
        doi="10.1007/s10549-005-2417-x",
        note="one of four series",
    ),
    dict(
        file="ladd_2007.csv",
        row=2,
        study="Ladd 2007",
        locus=IGF1,
        reported_effect_allele="non-19",
        reported_model="recessive",
        measure="HR",
        estimate=0.97,
        ci_low=0.59,
        ci_high=1.58,
        level=0.95,
        adjusted="yes",
        n_cases=159,
        effect_allele="19",
        model="dominant",
        log_estimate=0.030459,
        se=0.251269,
        used="no",
        reason="HR, not an odds ratio",
        pmid="15386404",
    ),
]
ACCOUNT = [
    dict(
        file="arafat_2025.csv", row=2, kind="counts", study="Arafat 2025", locus=IGFBP3, used="yes"
    ),
    dict(
        file="arafat_2025.csv",
        row=3,
        kind="counts",
        study="Arafat 2025",
        locus=IGFBP3,
        population="premenopausal",
        used="yes",
    ),
    dict(
        file="wagner_2005.csv",
        row=2,
        kind="estimates",
        study="Wagner 2005",
        locus=IGFBP3,
        population="familial series",
        used="yes",
    ),
    dict(
        file="ladd_2007.csv",
        row=2,
        kind="estimates",
        study="Ladd 2007",
        locus=IGF1,
        used="no",
        reason="HR, not an odds ratio",
    ),
]
INTEGRITY = [
    dict(
        severity="note",
        check="part_of_whole",
        file="arafat_2025.csv",
        row=3,
        study="Arafat 2025",
        population="premenopausal",
        locus=IGFBP3,
        message="Arafat 2025 (premenopausal) is part of the whole study",
        why="nobody may be counted twice",
        action="the part is left out",
    ),
    dict(
        severity="warning",
        check="hardy_weinberg",
        file="arafat_2025.csv",
        row=2,
        study="Arafat 2025",
        locus=IGFBP3,
        message="controls depart from equilibrium",
        value="p = 6e-06",
        expected="p of 0.05 or more",
        why="genotyping error can do this",
        action="the study is pooled",
    ),
]
CHECKS = [
    dict(
        subject="Counts",
        title="Hardy-Weinberg",
        check="hardy_weinberg",
        looks_at="genotypes of controls",
        compared=2,
        unit="rows",
        warnings=1,
        notes=0,
    ),
    dict(
        subject="Counts",
        title="repeated counts",
        check="repeated_counts",
        looks_at="rows that repeat another study",
        compared=0,
        unit="pairs of rows",
        warnings=0,
        notes=0,
        reason="there are no two studies to compare",
    ),
]
HWE = [
    dict(
        locus=IGFBP3,
        file="arafat_2025.csv",
        row=2,
        study="Arafat 2025",
        effect_allele="C",
        n0=104,
        n1=72,
        n2=46,
        effect_allele_frequency=164 / 444,
        chi2=20.49,
        p_chi2=6.0e-6,
        p_exact=6.8e-6,
        p_mid=4.9e-6,
        inbreeding_coefficient=0.304,
        minimum_expected=30.3,
    ),
]


def _effect(model, used="yes", **values):
    return (
        dict(
            locus=IGFBP3,
            study="Arafat 2025",
            effect_allele="C",
            model=model,
            stratifier="overall",
            stratum="all",
            used=used,
            control_n0=104,
            control_n1=72,
            control_n2=46,
            provenance="reconstructed",
        )
        | values
    )


EFFECTS = [
    _effect("homozygous"),
    _effect("dominant"),
    _effect("homozygous", stratifier="menopausal_status", stratum="premenopausal"),
    _effect("dominant", used="no", population="premenopausal", reason="contained in row 2"),
]


def _pooled(locus, effect, model, stratifier="overall", stratum="all", **values):
    return (
        dict(
            locus=locus,
            effect_allele=effect,
            model=model,
            stratifier=stratifier,
            stratum=stratum,
            k=0,
            k_studies=0,
            k_reported=0,
            k_double_zero=0,
            k_corrected=0,
            k_without_n=0,
            interval="hartung-knapp",
            reason="" if values else "no study answers this",
        )
        | values
    )


ONE = dict(
    k=1,
    k_studies=1,
    interval="wald",
    reason="one study: its own estimate with a Wald interval, no heterogeneity",
)
POOLED = [
    _pooled(IGF1, "19", "dominant"),
    _pooled(IGF1, "19", "homozygous"),
    _pooled(
        IGFBP3,
        "C",
        "dominant",
        k=2,
        k_studies=2,
        k_reported=1,
        k_without_n=1,
        n_cases=112,
        n_controls=222,
        ci_low=1e-5,
        ci_high=2e6,
        p_value=0.0494,
        tau2=1.2,
        tau2_ci_low=0.3,
        tau2_ci_high=900.0,
        i2=95.6,
        h2=22.75,
        q=22.75,
        q_df=1,
        q_p=1.8e-6,
        pi_low=1e-7,
        pi_high=5e8,
        reason="two studies: the interval rests on one degree of freedom",
        **{"or": 3.36},
    ),
    _pooled(
        IGFBP3,
        "C",
        "homozygous",
        n_cases=90,
        n_controls=150,
        ci_low=7.904,
        ci_high=33.356,
        p_value=3.2e-14,
        **ONE,
        **{"or": 16.237},
    ),
    _pooled(
        IGFBP3,
        "C",
        "homozygous",
        "menopausal_status",
        "premenopausal",
        n_cases=56,
        n_controls=120,
        ci_low=10.281,
        ci_high=76.527,
        p_value=7e-11,
        **ONE,
        **{"or": 28.05},
    ),
    _pooled(EMPTY, "variant", "dominant"),
    _pooled(EMPTY, "variant", "homozygous"),
]
COUNTS_ONLY = [
    _pooled(
        IGFBP3,
        "C",
        "dominant",
        n_cases=112,
        n_controls=222,
        ci_low=4.12,
        ci_high=15.91,
        p_value=1.3e-9,
        **ONE,
        **{"or": 8.09},
    ),
]
STRATA = [
    dict(
        locus=IGFBP3,
        effect_allele="C",
        model="homozygous",
        stratifier="menopausal_status",
        strata=1,
        k=1,
        reason="one stratum: nothing to compare",
    ),
]
PUBLISHED = [
    dict(
        meta_analysis="Qiu 2010",
        year="2010",
        doi="10.1007/s10549-010-0739-9",
        locus=IGFBP3,
        effect_allele="C",
        model="homozygous",
        subgroup="overall",
        k="27",
        ci_low="1.02",
        ci_high="1.11",
        **{"or": "1.06"},
    ),
    dict(
        meta_analysis="Chen 2008",
        locus="OTHER",
        effect_allele="C",
        model="dominant",
        subgroup="overall",
        ci_low="0.9",
        ci_high="1.2",
        **{"or": "1.1"},
    ),
]


@pytest.fixture(scope="session")
def make_inputs():
    """The inputs of a report; `make_inputs(title="…", studies=frame)` replaces some."""

    def make(**changes):
        inputs = ReportInputs(
            title="IGF variants and breast cancer",
            outcome="breast cancer",
            configuration={
                "models": ["dominant", "homozygous"],
                "strata": {"menopausal_status": {}},
                "pooling": {"tau2": "REML", "interval": None, "level": 0.95},
            },
            configuration_text="title: IGF variants and breast cancer\n",
            loci=[
                Locus(IGF1, "IGF1 (CA)n", "IGF1", kind="repeat", effect_alleles=("19",)),
                Locus(IGFBP3, "IGFBP3 A-202C", "IGFBP3", "rs2854744", "snp", ("A", "C"), ("C",)),
                Locus(
                    EMPTY, "", "IGF1R", "rs28674628", "snp", ("reference", "variant"), ("variant",)
                ),
            ],
            studies=table("studies", *STUDIES),
            estimates=table("estimates", *ESTIMATES),
            integrity=table("integrity", *INTEGRITY),
            checks=table("checks", *CHECKS),
            hwe=table("hwe", *HWE),
            effects=table("effects", *EFFECTS),
            pooled=table("pooled", *POOLED),
            strata=table("strata", *STRATA),
            account=table("account", *ACCOUNT),
            published=table("published", *PUBLISHED),
            pooled_counts_only=table("pooled_counts_only", *COUNTS_ONLY),
            inputs=[("data/studies/arafat_2025.csv", "ab" * 32)],
            software={"genopool": "0.1.0", "Python": "3.11"},
            figures={
                IGFBP3: [
                    Figure(SVG, "C", model, stratifier)
                    for model in ("homozygous", "dominant")
                    for stratifier in ("overall", "menopausal_status")
                ]
            },
        )
        return replace(inputs, **changes)

    return make


@dataclass
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    children: list = field(default_factory=list)

    def all(self, *tags):
        """The elements below this one, with one of the tags if any are named."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    @property
    def text(self):
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return " ".join(" ".join(parts).split())


class _Tree(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = Element("document", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)


@pytest.fixture(scope="session")
def parse():
    """Read a page; every element must be closed by its own end tag."""

    def read(html):
        tree = _Tree()
        tree.feed(html)
        tree.close()
        assert len(tree.open) == 1
        return tree.root

    return read


@pytest.fixture(scope="session")
def frame():
    """The function that makes a frame from rows: `frame("studies", {...}, ...)`."""
    return table
