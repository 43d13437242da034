"""Other people's text cannot command a terminal."""

import pytest

from genopool.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Ñandú 漢字 \U0001f600", "Ñandú 漢字 \U0001f600"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("\u06a9\u200c\u0627", "\u06a9\u200c\u0627"),
    ],
)
def test_what_is_not_shown_is_named(text, shown):
    assert printable(text) == shown


def test_long_text_is_cut():
    assert printable("x" * 100, 10) == "x" * 9 + "…"
    assert printable("x" * 10, 10) == "x" * 10
