"""Slips of the pen, against a naive list of what each slip makes of a number."""

import random

from genopool.studies.digits import likeliest, slip


def exchanged(text):
    return {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}


def left_out(text):
    return {text[:i] + text[i + 1 :] for i in range(len(text)) if len(text) > 1}


def mistaken(text):
    return {
        text[:i] + digit + text[i + 1 :] for i in range(len(text)) for digit in "0123456789"
    } - {text}


def test_slips_are_those_of_a_typist():
    numbers = random.Random(3)
    for _ in range(2000):
        written, meant = numbers.randrange(1500), numbers.randrange(1500)
        one, other = str(written), str(meant)
        expected = ""
        if one == other:
            pass
        elif one in exchanged(other):
            expected = "two digits exchanged"
        elif one in left_out(other):
            expected = "a digit left out"
        elif other in left_out(one):
            expected = "a digit added"
        elif one in mistaken(other) and len(one) > 1:
            expected = "one digit mistaken"
        assert slip(written, meant) == expected, (written, meant)


def test_nobody_means_fewer_than_none():
    assert slip(5, -5) == ""


def test_the_most_telling_slip_is_named():
    found = [("one digit mistaken", "a"), ("two digits exchanged", "b"), ("", "c")]
    assert likeliest(found) == [("two digits exchanged", "b")]
    assert likeliest([("", "c")]) == []
