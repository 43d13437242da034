"""Repairs undo what the errors do: every error made forwards is among the repairs of its result."""

from math import exp

import numpy as np
import pytest

from genopool.diagnostics.integrity.repairs import digit_repairs, repairs


def forwards(value):
    """What each slip makes of a number, in the most obvious way."""
    text = str(value)
    for i in range(len(text) - 1):
        yield "transposed", text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    for i in range(len(text)):
        yield "dropped", text[:i] + text[i + 1 :]
        yield "doubled", text[:i] + text[i] + text[i:]
        for digit in "0123456789":
            yield "mistyped", text[:i] + digit + text[i + 1 :]


@pytest.mark.parametrize("value", [7, 10, 45, 99, 123, 110, 1005, 98765])
def test_every_slip_is_undone(value):
    for slip, text in forwards(value):
        is_number = text and (text == "0" or text[0] != "0")
        if is_number and int(text) != value:
            found = {(name, before) for name, before, _ in digit_repairs(int(text))}
            assert (slip, value) in found, (slip, text)


@pytest.mark.parametrize("value", [0, 5, 60, 808, 4711])
def test_every_repair_makes_the_number_by_its_slip(value):
    for slip, before, log_weight in digit_repairs(value):
        assert (slip, str(value)) in set(forwards(before)), (slip, before)
        assert before != value and log_weight < 0


def test_weights_are_shares_of_one_error():
    table = (120, 230, 98, 400, 510, 77)
    by_kind = {}
    for repair in repairs(table):
        by_kind.setdefault(repair.kind, []).append(repair)
        changed = [i for i in range(6) if repair.table[i] != table[i]]
        assert tuple(changed) == repair.cells
    assert set(by_kind) == {"turned", "swapped", "columns", "exchanged", "digits"}
    for kind in ("turned", "swapped", "columns", "exchanged"):
        assert sum(exp(r.log_weight) for r in by_kind[kind]) == pytest.approx(1)
        for repair in by_kind[kind]:
            assert sorted(repair.table) == sorted(table)
            assert table in [again.table for again in repairs(repair.table) if again.kind == kind]


def test_allele_tables_have_repairs_of_four_numbers():
    found = list(repairs((300, 100, 320, 80)))
    assert {r.table for r in found if r.kind == "turned"} == {(100, 300, 80, 320)}
    assert all(np.shape(r.table) == (4,) for r in found)
