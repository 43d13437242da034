"""Names of genotypes that name no allele: wild type, heterozygote; AA, AB, BB; 0, 1, 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genopool.studies.genotypes import LabelError, LocusAlleles

_WILD = (
    "wt, wild, wild type, wildtype, ww, wt/wt, homozygous wild, wild homozygous, "
    "homozygous wild type, wild homozygote, homozygous reference, reference homozygous, "
    "normal homozygote, w/w"
)
_HET = (
    "het, hetero, heterozygote, heterozygotes, heterozygous, wt/mut, wt/het, wm, wv, wt/var, "
    "hetero variant, heterozygous variant, w/m, w/v"
)
_VARIANT = (
    "mut, mutant, mm, vv, mut/mut, var/var, var, hom, homo, homozygote, homozygotes, homozygous, "
    "homozygous variant, variant homozygous, variant homozygote, homo variant, homozygous mutant, "
    "mutant homozygous, mutant homozygote, m/m, v/v"
)


@dataclass(frozen=True)
class Naming:
    """A way to name the three genotypes of a locus with two alleles.

    Attributes
    ----------
    name : str
    names : tuple of (tuple of str)
        Of the people with no, one and two effect alleles.
    tells : bool
        Whether the names say which allele is meant; letters and digits only follow an order.
    """

    name: str
    names: tuple[tuple[str, ...], ...]
    tells: bool

    def copies(self, label: str) -> int | None:
        """How many effect alleles the people of a label carry; None for another naming."""
        folded = " ".join(label.casefold().replace("_", " ").split())
        return next((n for n, names in enumerate(self.names) if folded in names), None)

    def genotype(self, label: str, alleles: LocusAlleles) -> str:
        """The genotype that a label of this naming stands for."""
        reference, effect = alleles.alleles
        return (f"{reference}/{reference}", f"{reference}/{effect}", f"{effect}/{effect}")[
            self.copies(label)
        ]


NAMINGS = (
    Naming(
        "wild type, heterozygote, variant homozygote",
        tuple(tuple(words.split(", ")) for words in (_WILD, _HET, _VARIANT)),
        True,
    ),
    Naming("copies of the effect allele", (("0",), ("1",), ("2",)), True),
    Naming("AA, AB, BB", (("aa", "a/a"), ("ab", "a/b", "ba", "b/a"), ("bb", "b/b")), False),
    Naming("11, 12, 22", (("11", "1/1"), ("12", "1/2", "21", "2/1"), ("22", "2/2")), False),
)
GENERIC_NAMES = frozenset(name for naming in NAMINGS for names in naming.names for name in names)


class AmbiguousNaming(ValueError):
    """Generic names whose letters are also alleles of the locus, in another order."""


def naming_of(labels: Sequence[str], alleles: LocusAlleles) -> Naming | None:
    """How the labels of a row name genotypes, if they name no alleles.

    Parameters
    ----------
    labels : sequence of str
    alleles : LocusAlleles

    Returns
    -------
    Naming or None
        None unless every label is a name of one naming and the locus's own alleles do not explain
        them all.

    Raises
    ------
    AmbiguousNaming
        If the names could be read in two ways.
    """
    if alleles.kind != "snp" or not labels:
        return None
    try:
        for label in labels:
            alleles.label(label)
    except LabelError:
        pass
    else:
        return None
    for naming in NAMINGS:
        if any(naming.copies(label) is None for label in labels):
            continue
        first, second = naming.name[0].casefold(), naming.name[-1].casefold()
        reference, effect = (allele.casefold() for allele in alleles.alleles)
        if not naming.tells and (effect == first or reference == second):
            one, other = (f"{allele}/{allele}" for allele in alleles.alleles)
            raise AmbiguousNaming(
                f"{', '.join(labels)}: {naming.name[:2]} can be {one} (the first letter for the "
                f"reference allele) or {other} (the allele of that letter)"
            )
        return naming
    return None
