"""Repeats given by length, class, mixture and sum, against a count of the people one by one."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from genopool.association.answers import SIDES, Question, RowCounts
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.reading import read_studies

LENGTHS = range(14, 25)
QUESTIONS = {
    "19": lambda n: n == 19,
    "17,19,20": lambda n: n in (17, 19, 20),
    "<19": lambda n: n < 19,
    ">=20": lambda n: n >= 20,
    "non-19": lambda n: n != 19,
}
CONFIG = """\
outcome: disease
loci:
  CA: {kind: repeat, effect_alleles: ["19"]}
"""


def classes(rng):
    """A way to print lengths: labels, each with the lengths that it stands for."""
    kind = rng.integers(5)
    if kind == 0:
        return {str(n): {n} for n in LENGTHS}
    if kind == 1:
        return {"19": {19}, "non-19": set(LENGTHS) - {19}}
    if kind == 2:
        return {"<19": {n for n in LENGTHS if n < 19}, ">=19": {n for n in LENGTHS if n >= 19}}
    low, high = rng.integers(16, 19), rng.integers(20, 23)
    tails = {
        f"<={low}": {n for n in LENGTHS if n <= low},
        f">{high}": {n for n in LENGTHS if n > high},
    }
    between = {n for n in LENGTHS if low < n <= high}
    if kind == 3:
        return tails | {str(n): {n} for n in between}
    rest = between - {19}
    return tails | {"19": {19}, ",".join(map(str, sorted(rest))): rest}


def printed(rng, people, unit):
    """A table's cells: label to cases and controls; some cells of genotypes given as sums."""
    named = classes(rng)
    of = {n: label for label, lengths in named.items() for n in lengths}
    order = list(named)
    size = 2 if unit == "genotype" else 1
    cells = {kind: [0, 0] for kind in combinations_with_replacement(order, size)}
    for side, group in enumerate(people):
        for person in group:
            for kind in [person] if size == 2 else [(n,) for n in person]:
                cells[tuple(sorted((of[n] for n in kind), key=order.index))][side] += 1
    kinds = list(cells)
    rng.shuffle(kinds)
    if size == 2 and rng.random() < 0.3:
        pair = [tuple(kinds.pop()), tuple(kinds.pop())]
        joined = {tuple(k): cells[tuple(k)] for k in kinds}
        numbers = [a + b for a, b in zip(*(cells[k] for k in pair), strict=True)]
        return {"+".join("/".join(k) for k in pair): numbers} | {
            "/".join(k): v for k, v in joined.items()
        }, named
    return {"/".join(k): cells[tuple(k)] for k in kinds}, named


def counted(group, is_effect):
    copies = [sum(map(is_effect, person)) for person in group]
    return tuple(copies.count(n) for n in range(3))


def can_tell(label, named, is_effect):
    """The copies that a cell's people can have, from the lengths that its labels stand for."""
    possible = set()
    for part in label.split("+"):
        sides = [{is_effect(n) for n in named[name]} for name in part.split("/")]
        possible |= {sum(pick) for pick in _picks(sides)}
    return possible


def _picks(sides):
    if not sides:
        return [()]
    return [(first, *rest) for first in sides[0] for rest in _picks(sides[1:])]


@pytest.mark.parametrize("seed", range(40))
def test_answers_are_those_of_the_people(make_project, seed):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(len(LENGTHS)))
    unit = ("genotype", "allele")[seed % 4 == 3]
    people = [
        [tuple(map(int, rng.choice(LENGTHS, 2, p=shares))) for _ in range(size)]
        for size in rng.integers(30, 90, 2)
    ]
    cells, named = printed(rng, people, unit)
    # A label of several lengths holds commas.
    if seed % 2:
        table = f"study,locus,{unit},cases,controls\n" + "".join(
            f'A,CA,"{label}",{x},{y}\n' for label, (x, y) in cells.items()
        )
    else:
        header = ",".join(f'"cases_{label}","controls_{label}"' for label in cells)
        table = f"study,locus,{header}\nA,CA," + ",".join(f"{x},{y}" for x, y in cells.values())
    found = read_studies(make_project({"a.csv": table}, CONFIG))
    assert not found.findings, [str(f) for f in found.findings]
    (row,) = found.counts
    alleles = LocusAlleles("repeat")
    for effect, is_effect in QUESTIONS.items():
        told = RowCounts(row, alleles, Question(effect, *alleles.question(effect)))
        tells = [can_tell(label, named, is_effect) for label in cells]
        truth = [counted(group, is_effect) for group in people]
        whole = all(len(copies) == 1 for copies in tells)
        allelic = told.answer("allelic")
        assert (not allelic.reason) == whole, (effect, allelic.reason)
        if whole:
            for counts, (n0, n1, n2) in zip((allelic.cases, allelic.controls), truth, strict=True):
                assert (counts.exposed, counts.unexposed) == (2 * n2 + n1, 2 * n0 + n1)
        if unit == "allele":
            continue
        for model, (exposed, unexposed) in SIDES.items():
            answer = told.answer(model)
            needed = exposed | unexposed
            possible = all(
                not copies & needed or copies <= exposed or copies <= unexposed for copies in tells
            )
            straddling = any(
                {is_effect(n) for n in named[name]} == {True, False}
                for label in cells
                for name in label.replace("+", "/").split("/")
            )
            assert (not answer.reason) == (possible and not straddling), (effect, model)
            if not answer.reason:
                for counts, group in zip((answer.cases, answer.controls), truth, strict=True):
                    assert counts.exposed == sum(group[n] for n in exposed)
                    assert counts.unexposed == sum(group[n] for n in unexposed)
