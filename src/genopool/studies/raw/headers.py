"""What a table's header names mean: the names of FORMATS, and their synonyms.

`SYNONYMS` is the whole list, and `docs/tables.md` shows it. Names are compared without case, and
blanks, brackets and the signs `_ . , : ; -` are the same. A name that the configuration uses (the
column of a stratifier) is never taken for another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from genopool.studies.cells import fold, plain, tidy, without_footnote
from genopool.studies.generic_genotypes import GENERIC_NAMES
from genopool.studies.raw.tables import Column

#: Name of a column: its synonyms, those that are surer first. A weaker group counts only where no
#: column has a name of a stronger one, and two columns of one group are an error.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "study": (
        "author, authors, first author, study id, study name, study label, studies, author year, "
        "author/year, study year, study/year, first author year, first author/year",
        "reference, references, ref, refs, publication, citation",
    ),
    "locus": (
        "snp, snps, rs, rsid, rs id, rs number, snp id, variant, polymorphism, polymorphisms, "
        "marker, variation, genetic variant, gene polymorphism",
    ),
    "ethnicity": (
        "ethnic group, race, ancestry, ethnic origin, ethnic background, ethnicities, ethnic, "
        "race/ethnicity, ethnicity/race, descent",
    ),
    "year": ("publication year, year of publication, pub year, year published",),
    "country": ("country of origin, nation, countries",),
    "pmid": ("pubmed id, pubmed, pubmedid",),
    "control_source": (
        "source of controls, source of control, controls source, source of the controls, "
        "design of controls, control type",
    ),
    "genotyping_method": ("genotype method, genotyping, genotyping methods, method of genotyping",),
    "menopausal_status": ("menopause, menopausal, menopause status",),
    "sex": ("gender, sexes, genders, sex/gender, gender/sex",),
    "overlaps": ("overlap, overlaps with, overlapping studies, overlapping study",),
    "note": ("notes, remark, remarks, comment, comments",),
    "genotype": ("genotypes, geno",),
    "allele": ("alleles",),
    "effect_allele": ("risk allele, tested allele, coded allele, effect alleles",),
    "model": ("genetic model, inheritance model, model of inheritance, genetic models",),
    "measure": ("effect measure, effect size measure",),
    "estimate": ("or, odds ratio, odds ratios, hr, hazard ratio, rr, relative risk, risk ratio",),
    "ci": ("95% ci, ci, confidence interval, 95% confidence interval, ci 95%",),
    "estimate_ci": (
        "or 95% ci, or ci, or and 95% ci, odds ratio 95% ci, hr 95% ci, rr 95% ci, "
        "hazard ratio 95% ci, relative risk 95% ci",
    ),
    "ci_low": (
        "lower, lcl, lower ci, ci lower, lower limit, lower bound, lower 95% ci, 95% ci lower, "
        "ll, low, ci l, lower cl, lci, ci lb, 95% lcl, 95% ci low",
    ),
    "ci_high": (
        "upper, ucl, upper ci, ci upper, upper limit, upper bound, upper 95% ci, 95% ci upper, "
        "ul, high, ci u, upper cl, uci, ci ub, 95% ucl, 95% ci high",
    ),
    "level": ("confidence level, ci level",),
    "se": ("standard error, se log or, selogor, se logor, se ln or",),
    "p_value": ("p, p value, pval, pvalue, p values",),
    "adjusted": ("adjustment, adjusted estimate",),
    "hwe_p": (
        "hwe, hwe p, p hwe, phwe, p for hwe, p value for hwe, hwe p value, p of hwe, "
        "hardy weinberg, hardy weinberg equilibrium, p hwe controls, hwe in controls",
    ),
    "maf": ("minor allele frequency, maf controls, maf in controls",),
}
_EXACT = frozenset(
    "study locus population control_group sex overlaps ethnicity year pmid doi country "
    "control_source genotyping_method provenance note menopausal_status genotype allele cases "
    "controls effect_allele model measure estimate ci_low ci_high level adjusted n_cases "
    "n_controls se p_value hwe_p maf".split()
)
#: Measures whose names head a column of estimates.
MEASURE_NAMES = {
    "or": "OR", "odds ratio": "OR", "odds ratios": "OR", "hr": "HR", "hazard ratio": "HR",
    "rr": "RR", "relative risk": "RR", "risk ratio": "RR",
}  # fmt: skip
SIDES = {
    "cases": "case cases patient patients affected",
    "controls": "control controls ctrl ctrls ctl healthy unaffected noncases noncase",
}
_SIDE = {word: side for side, words in SIDES.items() for word in words.split()}
TOTAL_NAMES = frozenset("n no number total totals all sum size count counts subjects".split())
_DECORATION = TOTAL_NAMES | {"of", "genotype", "genotypes", "sample", "the", "in", "group", "#"}
#: What is read of a header cell; a sum of many genotypes can be long.
MAX_NAME = 1000
_COUNT_COLUMN = re.compile(r"^(cases|controls)_(.+)$", re.IGNORECASE)
_GROUP_SIZE = re.compile(r"[(\[,]?\s*\bn\s*[=:]\s*[\d,. ]+[)\]]?", re.IGNORECASE)
_PART = r"(?:[A-Z]{2}|[acgt]{2}|[ab]{2}|11|12|21|22|[012]|[ACGTID]|[\w<>=,*.-]+/[\w<>=,*.-]+)"
_LABEL = re.compile(rf"^{_PART}(?:\+{_PART})*$")
_THREE = re.compile(r"^[A-Z]{2}/[A-Z]{2}/[A-Z]{2}$")
_NO_LABEL = frozenset(["NO", "OR", "CI", "HR", "RR", "SD", "SE", "HW", "PB", "HB"])
_FOLDED: dict[str, tuple[str, int]] = {}
for _name, _groups in SYNONYMS.items():
    for _rank, _group in enumerate(_groups, start=1):
        for _synonym in _group.split(", "):
            _FOLDED.setdefault(fold(_synonym), (_name, _rank))
_FOLDED |= {fold(name): (name, 1) for name in _EXACT if "_" in name and name[:2] != "n_"}


@dataclass(frozen=True)
class Reading:
    """How one header name is read; `rank` is 0 where nothing is guessed."""

    column: Column
    rank: int = 0


@dataclass
class Header:
    """A header row as columns.

    Attributes
    ----------
    columns : tuple of Column
    guesses : list of (str, str)
        What is written, and what it was taken for.
    problems : list of (str, str, str)
        Message, column as written, what was expected.
    """

    columns: tuple[Column, ...] = ()
    guesses: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)


def read_name(written: str, kept: frozenset[str] = frozenset()) -> Reading:
    """What one header name means.

    Parameters
    ----------
    written : str
    kept : frozenset of str
        Lower-case names that mean themselves.
    """
    written = " ".join(tidy(written[:MAX_NAME]).split())
    name = written.lower()
    if name in kept or name in _EXACT or not name:
        return Reading(Column(name, "", written))
    known = _FOLDED.get(fold(without_footnote(written)[0])) if len(written) < 80 else None
    if known:
        return Reading(Column(known[0], "", written), known[1])
    match = _COUNT_COLUMN.match(written)
    if match:
        return _exact_count(match.group(1).lower(), match.group(2).strip(), written)
    counts = _count(written) if len(written) < 80 else None
    if counts is not None:
        return Reading(replace(counts, written=written), 1)
    return Reading(Column(name, "", written))


def _exact_count(side: str, label: str, written: str) -> Reading:
    """`cases_<genotype>`, whose genotype may carry (n), (%) or n (%)."""
    if not label.isascii() and plain(label).isascii():
        return replace(_exact_count(side, plain(label), written), rank=1)
    if fold(label) in TOTAL_NAMES:
        return Reading(Column(f"n_{side}", "", written), 1)
    if len(label) > 80:
        return Reading(Column(side, label, written))
    bare = re.sub(r"[\s_]*(\(?\s*n?\s*[,(]?\s*%\s*\)*|\(\s*n\s*\))$", "", label)
    if not bare or bare == label:
        return Reading(Column(side, label, written))
    only_percent = "%" in label and "n" not in label[len(bare) :].lower()
    return Reading(Column(side, bare, written, only_percent), 1)


def _count(written: str) -> Column | None:
    """The count column, or the total of a group, that a free name stands for."""
    text = _GROUP_SIZE.sub(" ", plain(without_footnote(written)[0]))
    text = re.sub(r"\s*([+/])\s*", r"\1", text)
    words = re.sub(r"[()\[\]{}_:;\s]|\.(?!\d)", " ", text.replace("%", " % ")).split()
    words = [word.strip(",") for word in words]
    hyphened = [re.sub(r"^non-(?=case|control)", "non", word, flags=re.I) for word in words]
    words = [
        part
        for word in hyphened
        for part in (word.split("-") if _is_side(word.split("-")) else [word])
    ]
    sides = [place for place, word in enumerate(words) if word.casefold() in _SIDE]
    side = _one_side(words)
    if side is None:
        return None
    rest = [word for place, word in enumerate(words) if place not in sides]
    percent = any(word in ("%", "percent", "percentage") for word in rest)
    rest = [word for word in rest if word not in ("%", "percent", "percentage")]
    label = " ".join(word for word in rest if word.casefold() not in _DECORATION)
    has_number = any(word.casefold() in TOTAL_NAMES for word in rest)
    if not label:
        if percent and not has_number:
            return None
        if not rest:
            return Column(side, "", written)
        is_total = any(
            word.casefold() in ("total", "totals", "all", "sum", "size") for word in rest
        )
        return Column(f"n_{side}" if is_total else f"{side}?", "", written)
    between = (
        sides[0] > 0 and sides[-1] < len(words) - 1 and label != words[-1] and label != words[0]
    )
    if between or not is_label(label):
        return None
    return Column(side, label, written, percent and not has_number)


def _one_side(words: Sequence[str]) -> str | None:
    """The group that words name, if they name one and not the other."""
    named = {_SIDE[word.casefold()] for word in words if word.casefold() in _SIDE}
    return named.pop() if len(named) == 1 else None


def _is_side(parts: list[str]) -> bool:
    return len(parts) > 1 and bool({parts[0].casefold(), parts[-1].casefold()} & set(_SIDE))


def is_label(text: str) -> bool:
    """Whether `text` looks like the name of a genotype or of an allele."""
    if fold(text) in GENERIC_NAMES or is_three_genotypes(text):
        return True
    return bool(_LABEL.match(text)) and text not in _NO_LABEL


def is_three_genotypes(text: str) -> bool:
    """Whether `text` heads a column with the counts of three genotypes in each cell."""
    return bool(_THREE.match(text))


def is_group(text: str) -> bool:
    """Whether a cell above the header can stand over several columns of counts."""
    return bool(text) and (group_of(text) is not None or is_label(text))


def group_of(text: str) -> str | None:
    """The group that a cell above the header names in free words: `Gastric cancer patients`."""
    return _one_side(re.findall(r"[^\W\d_]+", text))


def known_names(cells: Sequence[str], kept: frozenset[str] = frozenset()) -> int:
    """How many cells of a row are names that a study table has."""
    found = 0
    for cell in cells:
        if cell and len(cell) < 80:
            column = read_name(cell, kept).column
            found += bool(column.label) or column.name.rstrip("?") in _EXACT or column.name == "ci"
    return found


def read_header(written: Sequence[str], kept: frozenset[str] = frozenset()) -> Header:
    """The columns of a header row, each name taken for one column at most."""
    header = Header()
    readings = [read_name(name, kept) for name in written]
    readings = _in_context(readings)
    by_key: dict[tuple[str, str, bool], list[int]] = {}
    for place, reading in enumerate(readings):
        column = reading.column
        if column.written:
            by_key.setdefault((column.name, column.label, column.percent), []).append(place)
    for (name, label, percent), places in by_key.items():
        best = min(readings[place].rank for place in places)
        first, *others = [p for p in places if label or readings[p].rank == best]
        if others:
            names = " and ".join(repr(readings[p].column.written) for p in (first, *others))
            problem = (
                (f"the column is there twice, as {names}", "one column of each name")
                if not best
                else (
                    f"{names} can each be the column {name}",
                    f"one of them; rename the others, or name the right one {name}",
                )
            )
            header.problems.append((problem[0], readings[others[0]].column.written, problem[1]))
        for place in places:
            reading = readings[place]
            if place != first and place not in others:
                own = Column(reading.column.written.lower(), "", reading.column.written)
                readings[place] = Reading(own)
            elif reading.rank:
                meaning = f"{'% of ' if percent else ''}{name}_{label}" if label else name
                header.guesses.append((reading.column.written, meaning))
    header.columns = tuple(reading.column for reading in readings)
    return header


def _in_context(readings: list[Reading]) -> list[Reading]:
    """Settle names that depend on the others: `Cases` is a total beside counts by genotype."""
    names = {reading.column.name for reading in readings if not reading.column.label}
    long = bool({"genotype", "allele"} & names)
    wide = any(reading.column.label for reading in readings)
    # `Case ID` is a genotype only among those of an insertion and a deletion
    homozygotes = {"II", "DD", "I/I", "D/D"} & {reading.column.label for reading in readings}
    by_sum = (wide or "effect_allele" in names) and not long
    settled = []
    for reading in readings:
        column = reading.column
        side = column.name.rstrip("?")
        if not column.label and side in SIDES and (column.name != side or by_sum):
            taken = side if long and side not in names - {column.name} else f"n_{side}"
            reading = Reading(replace(column, name=taken), 1)
        if column.label.casefold() == "id" and reading.rank and not homozygotes:
            reading = Reading(Column(column.written.lower(), "", column.written))
        if wide and not long and column.name == "allele" and reading.rank:
            reading = Reading(Column(column.written.lower(), "", column.written))
        settled.append(reading)
    return settled
