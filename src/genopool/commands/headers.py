"""The columns of an empty study table, and what may stand in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from genopool.config import MODELS
from genopool.studies.estimates import MEASURES
from genopool.studies.genotypes import LocusAlleles, repeat_name

if TYPE_CHECKING:
    from genopool.config import Config
    from genopool.studies.settings import Locus

_SOURCE = ("year", "country", "pmid", "doi", "control_source", "genotyping_method")
_SEX = "sex"
#: What is chosen from where the configuration groups nothing.
_USUAL_VALUES = {
    "menopausal_status": ("premenopausal", "postmenopausal"),
    _SEX: ("male", "female"),
}


@dataclass(frozen=True)
class TableColumn:
    """A column of an empty table.

    Attributes
    ----------
    name, meaning : str
    holds : {"text", "count", "ratio", "positive", "proportion", "year", "number"}
        `ratio` is a number above 0 (an estimate or a limit), `positive` any other of them,
        `proportion` from 0 to 1, `number` any that `cuts` divide.
    values : tuple of str
        What can be chosen; empty if anything can be typed.
    only_these : bool
        Whether another value than `values` is an error rather than unusual.
    """

    name: str
    meaning: str
    holds: str = "text"
    values: tuple[str, ...] = ()
    only_these: bool = False


def kind_for(locus: Locus) -> str:
    """The shape of counts that suits a locus: a repeat has too many genotypes for columns."""
    return "long" if locus.kind == "repeat" else "counts"


def table_columns(config: Config, name: str, kind: str, effect_allele: str) -> list[TableColumn]:
    """The columns of an empty table for a locus.

    Parameters
    ----------
    config : Config
    name : str
        The locus.
    kind : {"counts", "long", "alleles", "estimates"}
    effect_allele : str
        Of a repeat with `counts`: the one whose classes are the columns.
    """
    locus = config.loci[name]
    own = _own_columns(locus, kind, effect_allele)
    names = {column.name.casefold() for column in own}
    strata = [column for column in _strata(config) if column.name not in names]
    if locus.chromosome:
        strata = _with_sex(strata)
    before = [
        TableColumn("study", "short label, as Wen 2005; the same in every row of the study"),
        TableColumn(
            "locus", "name of the locus in config.yaml", values=tuple(config.loci), only_these=True
        ),
        TableColumn("population", "part of the study that the row describes; blank: all of it"),
        *strata,
        TableColumn("control_group", "the same value where rows share one set of controls"),
        TableColumn("overlaps", "other studies that have people of this row, separated by ;"),
    ]
    names |= {column.name for column in before}
    source = [
        TableColumn(
            column,
            f"{column.replace('_', ' ')} of the paper or study; carried to the results",
            holds="year" if column == "year" else "text",
        )
        for column in _SOURCE
        if column not in names
    ]
    return [*before, *source, *own, TableColumn("note", "anything; carried to the results")]


def _strata(config: Config) -> list[TableColumn]:
    """A column for each stratifier, with the values that its groups take in."""
    columns: dict[str, TableColumn] = {}
    for name, stratifier in config.strata.items():
        if stratifier.crossed:
            continue
        column = (stratifier.column or name).strip().lower()
        values = [value for group in stratifier.groups.values() for value in group]
        values = values or _USUAL_VALUES.get(column, ())
        if column not in ("study", "locus", "population", "control_group", "overlaps", "note"):
            columns.setdefault(
                column,
                TableColumn(
                    column,
                    f"{column.replace('_', ' ')}; divides studies into strata",
                    holds="number" if stratifier.cuts else "text",
                    values=tuple(dict.fromkeys(values)),
                ),
            )
    return list(columns.values())


def _with_sex(strata: list[TableColumn]) -> list[TableColumn]:
    """The columns with `sex`, which chromosome X needs, whatever the strata make of it."""
    meaning = "whose row it is; men count alleles on chromosome X, women genotypes"
    chosen = tuple(value for column in strata if column.name == _SEX for value in column.values)
    values = tuple(dict.fromkeys((*_USUAL_VALUES[_SEX], *chosen)))
    others = [column for column in strata if column.name != _SEX]
    return [*others, TableColumn(_SEX, meaning, values=values)]


def _own_columns(locus: Locus, kind: str, effect_allele: str) -> list[TableColumn]:
    if kind == "estimates":
        return _estimate_columns(locus)
    if kind == "counts":
        return [
            TableColumn(f"{group}_{label}", f"{group} with {label}{whose}", holds="count")
            for group in ("cases", "controls")
            for label, whose in (
                *((allele, ", of men") for allele in _alleles_of_men(locus, effect_allele)),
                *((genotype, "") for genotype in genotypes_of(locus, effect_allele)),
            )
        ]
    unit = "genotype" if kind == "long" else "allele"
    people = "people" if kind == "long" else "chromosomes"
    values = alleles_of(locus)
    if kind == "long":
        values = (*_alleles_of_men(locus, ""), *genotypes_of(locus, ""))
    if locus.kind == "repeat":
        values = ()
    return [
        TableColumn(unit, f"one {unit} a row, as {_example(locus, kind)}", values=tuple(values)),
        TableColumn("cases", f"{people} among cases", holds="count"),
        TableColumn("controls", f"{people} among controls", holds="count"),
    ]


def _example(locus: Locus, kind: str) -> str:
    if locus.kind == "repeat":
        genotype, allele = "19/21", "19"
    else:
        genotype, allele = genotypes_of(locus, "")[1], locus.alleles[-1]
    if kind != "long":
        return allele
    return f"{genotype}, of men {allele}" if locus.chromosome else genotype


def _alleles_of_men(locus: Locus, effect_allele: str) -> tuple[str, ...]:
    """On chromosome X, what a man can have: one allele, of a repeat one class."""
    if not locus.chromosome:
        return ()
    if locus.kind == "repeat":
        return _classes(locus, effect_allele or locus.questions[0])
    return locus.alleles


def alleles_of(locus: Locus) -> tuple[str, ...]:
    """The alleles of a locus; of a repeat, the classes that its effect alleles make."""
    if locus.kind != "repeat":
        return locus.alleles
    return tuple(
        dict.fromkeys(name for allele in locus.questions for name in _classes(locus, allele))
    )


def _classes(locus: Locus, effect_allele: str) -> tuple[str, str]:
    alleles = LocusAlleles(locus.kind)
    lengths = alleles.allele(effect_allele)
    return repeat_name(lengths), repeat_name(alleles.universe & ~lengths)


def genotypes_of(locus: Locus, effect_allele: str) -> tuple[str, ...]:
    """The genotypes of a locus, of a repeat those of an effect allele and the rest."""
    alleles: Iterable[str] = locus.alleles
    if locus.kind == "repeat":
        alleles = _classes(locus, effect_allele or locus.questions[0])
    pairs = list(combinations_with_replacement(alleles, 2))
    letters = all(len(allele) == 1 and allele.isalpha() for pair in pairs for allele in pair)
    return tuple(("" if letters else "/").join(pair) for pair in pairs)


def _estimate_columns(locus: Locus) -> list[TableColumn]:
    return [
        TableColumn("effect_allele", "allele of the estimate", values=alleles_of(locus)),
        TableColumn("model", "genetic model of the estimate", values=MODELS, only_these=True),
        TableColumn("measure", "only OR is pooled", values=MEASURES, only_these=True),
        TableColumn("estimate", "as printed", holds="ratio"),
        TableColumn("ci_low", "lower limit, below ci_high", holds="ratio"),
        TableColumn("ci_high", "upper limit", holds="ratio"),
        TableColumn("level", "level of the interval; blank: 0.95", holds="proportion"),
        TableColumn("se", "where there is no interval: standard error of ln OR", holds="positive"),
        TableColumn("p_value", "where there is neither: two-sided p", holds="proportion"),
        TableColumn(
            "adjusted",
            "whether the estimate is adjusted",
            values=("yes", "no", "unknown"),
            only_these=True,
        ),
        TableColumn("n_cases", "number of cases", holds="count"),
        TableColumn("n_controls", "number of controls", holds="count"),
    ]
