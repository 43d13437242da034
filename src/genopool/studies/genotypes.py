"""What the labels of alleles and genotypes mean.

An allele label stands for a set of alleles: `C` for one, `<19` for eighteen, `non-19` for all
lengths but one. Sets are held as the bits of an integer, so that whether a label answers a question
is a matter of one comparison: a label inside the effect alleles is an effect allele, one outside
them is a reference allele, and one that straddles them does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

MAX_REPEAT = 999
ALL_REPEATS = (1 << (MAX_REPEAT + 1)) - 1
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_BASES = re.compile(r"^[ACGT]+$", re.IGNORECASE)
_NO_BASES = "-"  # the allele of a deletion, the same on both strands
_COMPARISON = re.compile(r"^(<=|>=|<|>)\s*(\d{1,3})$")
_LENGTHS = re.compile(r"^\d{1,3}(\s*,\s*\d{1,3})*$")


class LabelError(ValueError):
    """A label that does not name alleles of the locus."""


class AmbiguousLabelError(LabelError):
    """A label that can be read in two ways."""


def parse_repeat(label: str) -> int:
    """The lengths that a label of a repeat stands for, as bits.

    `19`, `17,19,20`, `<19`, `>=20`, and each of them after `non-`.

    Raises
    ------
    LabelError
        If the label is none of these.
    """
    text = label.strip()
    if text.lower().startswith("non-"):
        return ALL_REPEATS & ~parse_repeat(text[4:])
    match = _COMPARISON.match(text)
    if match:
        sign, length = match.group(1), int(match.group(2))
        below = (1 << length) - 1
        return {
            "<": below,
            "<=": below | 1 << length,
            ">": ALL_REPEATS & ~(below | 1 << length),
            ">=": ALL_REPEATS & ~below,
        }[sign]
    if _LENGTHS.match(text):
        return sum(1 << length for length in {int(part) for part in text.split(",")})
    raise LabelError(
        f"{label!r} is not a repeat: expected a length (19), lengths (17,19), a comparison "
        "(<19, >=20) or one of these after 'non-'"
    )


def parse_tails(labels: Iterable[str]) -> dict[str, int]:
    """The lengths of the tails of a repeat by their labels: at most one below and one above.

    Raises
    ------
    LabelError
        If a label is not a comparison, two are on one side, or they overlap.
    """
    tails: dict[str, int] = {}
    for label in labels:
        if not _COMPARISON.match(label.strip()):
            raise LabelError(f"{label!r} is not a tail: expected a comparison (<=15, >=23)")
        lengths = parse_repeat(label)
        for other, others in tails.items():
            if lengths & others:
                raise LabelError(f"the tails {other} and {label} overlap")
        tails[label.strip()] = lengths
    return tails


def complement(bases: str) -> str:
    """The bases of the other strand, read in its own direction: `AAC` is `GTT`.

    Text that is not bases is given back as it is.
    """
    return bases.upper().translate(_COMPLEMENT)[::-1] if _BASES.match(bases) else bases


@dataclass(frozen=True)
class Label:
    """One cell's label: the genotypes, or the alleles, that it counts.

    Attributes
    ----------
    unit : {"genotype", "allele"}
        People by genotype, or chromosomes by allele.
    members : tuple
        Pairs of allele sets for genotypes; single allele sets (in a 1-tuple) for alleles.
    text : str
        The label in the locus's own spelling and order.
    """

    unit: str
    members: tuple[tuple[int, ...], ...]
    text: str

    def copies(self, effect: int, compared: int) -> frozenset[int] | None:
        """How many effect alleles its people carry, or None if the label cannot tell.

        Genotypes with an allele outside `compared` are left out, so the set can be empty.
        """
        numbers = set()
        for member in self.members:
            if any(alleles & compared == 0 for alleles in member):
                continue
            if any(alleles & ~compared for alleles in member):
                return None
            if any(alleles & effect and alleles & ~effect for alleles in member):
                return None
            numbers.add(sum(alleles & effect != 0 for alleles in member))
        return frozenset(numbers)


class LocusAlleles:
    """The alleles of a locus and the reading of labels that name them.

    Parameters
    ----------
    kind : {"snp", "repeat", "multiallelic"}
    alleles : sequence of str
        Of a SNP or a multiallelic locus, reference first; empty for a repeat.
    turned : bool
        Read either allele of a SNP as the other one.
    """

    def __init__(self, kind: str, alleles: Iterable[str] = (), *, turned: bool = False) -> None:
        self.kind = kind
        self.turned = turned
        self.alleles = tuple(alleles)
        self.universe = ALL_REPEATS if kind == "repeat" else (1 << len(self.alleles)) - 1
        #: Labels that were read: a table has the same few in every row.
        self._labels: dict[tuple[str, bool], Label] = {}

    @cached_property
    def _bits(self) -> dict[str, int]:
        return {allele: 1 << place for place, allele in enumerate(self.alleles)}

    @cached_property
    def _folded_bits(self) -> dict[str, int]:
        """Bits by case-folded allele; empty when alleles differ in case only."""
        folded = {allele.casefold(): bit for allele, bit in self._bits.items()}
        return folded if len(folded) == len(self._bits) else {}

    @cached_property
    def is_nucleotide(self) -> bool:
        """Whether the alleles are bases (`A`, `AAT`, `-` for none), so that they have two strands.

        Alleles that differ in case only are taken as words.
        """
        with_bases = [allele for allele in self.alleles if allele != _NO_BASES]
        return bool(with_bases) and bool(self._folded_bits) and all(map(_BASES.match, with_bases))

    @cached_property
    def is_palindromic(self) -> bool:
        """Whether an allele's other strand is another allele of the locus (A/T, C/G, AC/GT).

        Then letters alone cannot tell the strand. An allele that is its own other strand (`AT`)
        is the same allele on both.
        """
        bases = {allele.upper() for allele in self.alleles}
        return self.is_nucleotide and any(
            complement(allele) != allele and complement(allele) in bases for allele in bases
        )

    def allele(self, text: str, *, other_strand: bool = False) -> int:
        """The set of alleles that `text` names.

        Raises
        ------
        LabelError
            If it names none of this locus.
        """
        text = text.strip()
        if self.kind == "repeat":
            return parse_repeat(text)
        if text.lower().startswith("non-") and text not in self._bits:
            return self.universe & ~self.allele(text[4:], other_strand=other_strand)
        if other_strand:
            text = complement(text)
        bit = self._bits.get(text) or self._folded_bits.get(text.casefold())
        if bit:
            return self.universe & ~bit if self.turned else bit
        raise LabelError(f"{text!r} is not an allele of the locus ({'/'.join(self.alleles)})")

    def question(self, effect_allele: str, against: str = "rest") -> tuple[int, int]:
        """The effect alleles and all alleles compared, as sets."""
        effect = self.allele(effect_allele)
        return effect, self.universe if against == "rest" else effect | 1

    def label(self, text: str, *, other_strand: bool = False) -> Label:
        """Read the label of a cell: a genotype, a sum of genotypes, or an allele.

        Raises
        ------
        LabelError
            If it is none of these, or if its parts overlap.
        """
        if (text, other_strand) not in self._labels:
            self._labels[text, other_strand] = self._label(text, other_strand)
        return self._labels[text, other_strand]

    def _label(self, text: str, other_strand: bool) -> Label:
        parts = [self._part(part.strip(), other_strand) for part in text.split("+")]
        if len({unit for unit, _, _ in parts}) > 1:
            raise LabelError(f"{text!r} adds genotypes to alleles")
        parts.sort(key=lambda part: [_order(alleles) for alleles in part[1]])
        members = tuple(member for _, member, _ in parts)
        for place, member in enumerate(members):
            if any(overlap(member, other) for other in members[:place]):
                raise LabelError(f"{text!r} counts the same genotype twice")
        return Label(parts[0][0], members, "+".join(name for _, _, name in parts))

    def _part(self, text: str, other_strand: bool) -> tuple[str, tuple[int, ...], str]:
        """Unit, alleles in order, and name of a genotype or allele."""
        if "/" in text:
            names = [name.strip() for name in text.split("/")]
            if len(names) != 2:
                raise LabelError(f"{text!r} is not two alleles")
            pairs = [(self.allele(name, other_strand=other_strand), name) for name in names]
            pairs.sort(key=lambda pair: _order(pair[0]))
            member = tuple(alleles for alleles, _ in pairs)
            # Classes of a repeat keep the name that the table gives them: >19, not >=20.
            repeat = self.kind == "repeat"
            name = "/".join(name for _, name in pairs) if repeat else self.genotype(member)
            return "genotype", member, name
        try:
            member = (self.allele(text, other_strand=other_strand),)
            if self._is_pair(text, other_strand):
                raise AmbiguousLabelError(
                    f"{text!r} can be the allele {text} or the genotype {'/'.join(text)}"
                )
        except AmbiguousLabelError:
            raise
        except LabelError:
            if len(text) != 2 or self.kind == "repeat":
                raise LabelError(
                    f"{text!r} is not a genotype or an allele of the locus ({self.described})"
                ) from None
            return self._part("/".join(text), other_strand)
        return "allele", member, text if self.kind == "repeat" else self.genotype(member)

    def _is_pair(self, text: str, other_strand: bool) -> bool:
        """Whether two letters that name an allele also name two alleles."""
        if len(text) != 2 or self.kind == "repeat":
            return False
        try:
            return all(self.allele(letter, other_strand=other_strand) for letter in text)
        except LabelError:
            return False

    @property
    def described(self) -> str:
        """The alleles as a message names them."""
        if self.kind == "repeat":
            return "lengths as 19, classes as non-19, <19 and >=19"
        return "/".join(self.alleles)

    def genotype(self, member: tuple[int, ...]) -> str:
        """The name of a genotype, or of an allele alone."""
        names = [self.name(alleles) for alleles in member]
        letters = all(len(allele) == 1 for allele in self.alleles)
        return ("" if letters and self.alleles and all(len(n) == 1 for n in names) else "/").join(
            names
        )

    def name(self, alleles: int) -> str:
        """The shortest label of a set of alleles."""
        return repeat_name(alleles) if self.kind == "repeat" else self._name(alleles)

    def _name(self, alleles: int) -> str:
        names = [allele for allele, bit in self._bits.items() if alleles & bit]
        if len(names) > 1 and len(names) == len(self.alleles) - 1:
            missing = next(a for a, bit in self._bits.items() if not alleles & bit)
            return f"non-{missing}"
        return ",".join(names)


def repeat_name(lengths: int) -> str:
    """The shortest label of a set of repeat lengths: `19`, `<19`, `>=19`, `non-19`, `17,19`."""
    rest = ALL_REPEATS & ~lengths
    if lengths.bit_count() <= rest.bit_count():
        if lengths.bit_count() > 1 and lengths & (lengths + 1) == 0:
            return f"<{lengths.bit_length()}"
        return ",".join(str(i) for i in range(lengths.bit_length()) if lengths >> i & 1)
    if rest.bit_count() > 1 and rest & (rest + 1) == 0:
        return f">={rest.bit_length()}"
    if rest == 0:
        return "any"
    return "non-" + repeat_name(rest)


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two cells can count the same genotype (or allele)."""
    if len(one) != len(other):
        return False
    if len(one) == 1:
        return bool(one[0] & other[0])
    (a, b), (c, d) = one, other
    return bool((a & c and b & d) or (a & d and b & c))


def _order(alleles: int) -> tuple[int, int]:
    """Single alleles before classes of them, each by its first allele."""
    return alleles.bit_count(), alleles & -alleles
