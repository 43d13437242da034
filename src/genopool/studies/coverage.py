"""Whether the labels of a row leave anybody out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

from genopool.studies.genotypes import Label, LocusAlleles


def is_complete(labels: Sequence[Label], alleles: LocusAlleles) -> bool:
    """Whether genotypes, or alleles, are all there: nobody can be left out."""
    members = [member for label in labels for member in label.members]
    sets = {allele for member in members for allele in member}
    atoms = {alleles.universe}
    for allele in sets:
        atoms = {part for atom in atoms for part in (atom & allele, atom & ~allele) if part}
    size = max(map(len, members), default=0)
    return bool(members) and all(
        any(_holds(member, atom) for member in members)
        for atom in combinations_with_replacement(sorted(atoms), size)
    )


def _holds(member: tuple[int, ...], atom: tuple[int, ...]) -> bool:
    if len(member) == 1:
        return atom[0] & ~member[0] == 0
    (a, b), (c, d) = member, atom
    return (not c & ~a and not d & ~b) or (not c & ~b and not d & ~a)
