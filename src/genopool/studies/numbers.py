"""Numbers as people write them: thousands separators, decimal commas, `45 (12.3%)`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from genopool.studies.cells import EXCEL_ERROR, plain, without_footnote

MAX_COUNT = 10**9
#: No number that a person writes has more characters.
LONGEST = 80
_EXPECTED = f"a whole number from 0 to {MAX_COUNT:,} (blank if not reported)"
_PRINTED = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
_N = r"(?:\d{1,3}(?:[ ,.']\d{3})+|\d+)(?:[.,]\d*)?"
_P = r"\d{1,3}(?:[.,]\d*)?"
_WITH_PERCENT = re.compile(rf"^(?P<n>{_N})\s*[(\[]\s*(?P<p>{_P})\s*%?\s*[)\]]\s*%?$")
_PERCENT_AFTER = re.compile(rf"^(?P<n>{_N})(?:\s*[,;:]\s*|\s+)(?P<p>{_P})\s*%$")
_PERCENT_FIRST = re.compile(rf"^(?P<p>{_P})\s*%\s*[(\[]?\s*(?:n\s*=\s*)?(?P<n>{_N})\s*[)\]]?$")
_OF_TOTAL = re.compile(
    rf"^(?P<n>{_N})\s*(?:/|of|out of)\s*(?P<of>{_N})(?:\s*[(\[]\s*(?P<p>{_P})\s*%?\s*[)\]])?$"
)
#: A decimal mark that cannot be a thousands separator, and the reverse.
_DECIMAL = re.compile(r"(?<![\d.,])(?:0([.,])\d+|\d+([.,])(?:\d{1,2}|\d{4,}))(?![\d.,])")
_BOTH = re.compile(r"\d([.,])\d{3}(?:\1\d{3})*(?!\1)([.,])\d")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}([.,])\d{3}\1\d{3}(?![\d])")
_OTHER = {",": ".", ".": ","}


class NumberProblem(ValueError):
    """Text that is not the number that its column asks for.

    Attributes
    ----------
    expected : str
        What should stand there.
    """

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


@dataclass(frozen=True)
class Decimals:
    """Which decimal mark a table uses.

    Attributes
    ----------
    mark : {"", ".", ","}
        Blank where nothing in the table tells.
    by_column : mapping of int to str
        The same for each column that tells by itself.
    comma_is_likely : bool
        Cells are separated by semicolons, as programs do where the comma is the decimal mark.
    """

    mark: str = ""
    by_column: tuple[tuple[int, str], ...] = ()
    comma_is_likely: bool = False

    def of_column(self, place: int) -> str:
        return dict(self.by_column).get(place, self.mark)


NOTHING_TELLS = Decimals()


def decimal_marks(rows: Iterable[tuple[str, ...]], comma_is_likely: bool = False) -> Decimals:
    """What the cells of a table tell about its decimal mark.

    `0,85` and `12,3` have a decimal comma, `1.234,5` too; `1,234,567` and `1,234.5` a point.
    A column, or a table, that shows both tells nothing.
    """
    shown: dict[int, set[str]] = {}
    for cells in rows:
        for place, text in enumerate(cells):
            if len(text) < 40 and ("," in text or "." in text):
                shown.setdefault(place, set()).update(_marks(text))
    columns = tuple((place, *marks) for place, marks in shown.items() if len(marks) == 1)
    marks = Counter(mark for found in shown.values() for mark in found)
    (mark,) = marks if len(marks) == 1 else ("",)
    return Decimals(mark, columns, comma_is_likely)


def _marks(text: str) -> set[str]:
    if not re.match(r"^[\s\d.,()%/\[\]+–-]+$", text):
        return set()
    marks = {a or b for a, b in _DECIMAL.findall(text)}
    marks |= {mark for thousands, mark in _BOTH.findall(text) if thousands != mark}
    return marks | {_OTHER[mark] for mark in _THOUSANDS.findall(text)}


@dataclass(frozen=True)
class Printed:
    """A number, and half a unit of its last printed digit."""

    value: float
    rounding: float


@dataclass(frozen=True)
class CountText:
    """What a cell of people says.

    Attributes
    ----------
    count : int
    percentage : Printed or None
        Printed beside the count.
    of : int or None
        The total, of `45/366`.
    taken : str
        How the cell was understood, where it is not a plain number.
    """

    count: int
    percentage: Printed | None = None
    of: int | None = None
    taken: str = ""


def read_count(text: str, decimals: Decimals = NOTHING_TELLS, column: int = -1) -> CountText:
    """The number of people that a cell gives.

    Raises
    ------
    NumberProblem
        If it gives none, or could be two different ones.
    """
    if text.isascii() and text.isdigit() and len(text) < 10:
        return CountText(int(text))
    if len(text) > LONGEST:
        raise NumberProblem(f"{text[:LONGEST]!r}… is not a number of people", _EXPECTED)
    stripped, marks = without_footnote(text)
    taken = [f"without the mark {marks}"] if marks else []
    written = plain(stripped)
    if written != stripped and not re.sub(r"\s", "", stripped).isascii():
        taken.append("digits and signs of another alphabet")
    mark = decimals.of_column(column)
    for pattern in (_OF_TOTAL, _WITH_PERCENT, _PERCENT_FIRST, _PERCENT_AFTER):
        match = pattern.match(written)
        if not match:
            continue
        parts = match.groupdict()
        count = _whole(parts["n"], mark, decimals, text)
        of = _whole(parts["of"], mark, decimals, text) if parts.get("of") else None
        percentage = _percentage(parts["p"]) if parts.get("p") else None
        taken.append("a total after the slash" if of is not None else "a count and a percentage")
        return CountText(count, percentage, of, ", ".join(taken))
    count = _whole(written, mark, decimals, text)
    if not written.isdigit() and not re.fullmatch(r"\d+\.0*", written):
        taken.append("a thousands separator" if re.search(r"\d{3}$", written) else "a decimal mark")
    return CountText(count, taken=", ".join(taken))


def _whole(text: str, mark: str, decimals: Decimals, cell: str) -> int:
    """A whole number with its separators."""
    if not (text.isascii() and text.isdigit()):
        single = re.fullmatch(r"(\d{1,3})([.,])(\d{3})", text)
        if single:
            head, sign, tail = single.groups()
            if set(tail) == {"0"} and (sign == mark or head == "0"):
                text = head
            elif sign == mark or (not mark and (sign == "." or decimals.comma_is_likely)):
                raise NumberProblem(
                    f"{cell!r} can be {head}{tail} (thousands) or {head}.{tail} (decimals)",
                    f"{_EXPECTED}, without separators",
                )
            else:
                text = head + tail
        elif re.fullmatch(r"\d{1,3}( \d{3})+|\d{1,3}('\d{3})+", text):
            text = re.sub(r"[ ']", "", text)
        elif re.fullmatch(r"\d{1,3}(,\d{3}){2,}|\d{1,3}(\.\d{3}){2,}", text):
            text = re.sub(r"[.,]", "", text)
        elif re.fullmatch(r"\d+[.,]0*", text):
            text = re.split(r"[.,]", text)[0]
        else:
            raise NumberProblem(f"{cell!r} is not a number of people{_suspicion(text)}", _EXPECTED)
    if len(text) > 20 or int(text) > MAX_COUNT:
        raise NumberProblem(f"{cell!r} is not a number of people", _EXPECTED)
    return int(text)


def read_percentage(text: str) -> Printed | None:
    """A percentage in a cell of its own, or None."""
    match = re.fullmatch(rf"({_P})\s*%?", plain(text))
    return _percentage(match.group(1)) if match else None


def _percentage(text: str) -> Printed:
    text = text.replace(",", ".")
    return Printed(float(text), 0.5 * 10.0 ** -len(text.partition(".")[2]))


_SUSPICIONS = (
    (re.compile(r"^=[A-Z(]", re.I), "a formula"),
    (re.compile(r"^[\doOlI|SB]*\d[\doOlI|SB]*$"), "a letter for a digit: O for 0, l or I for 1"),
    (re.compile(r"^-\s*\d"), "it is negative"),
    (re.compile(r"^[~≈<>≤≥=]|^(ca|about|approx|c)\b\.?", re.I), "a bound or an approximation"),
    (re.compile(r"^\d.*\?$"), "the question mark says that it is uncertain"),
    (re.compile(r"^[\d.,\s]+%$"), "a percentage is no count"),
    (re.compile(r"^\d+([.,]\d+)?[eE][+-]?\d+$"), "it is in scientific notation"),
    (re.compile(r"^\d{4}-\d\d-\d\d|^\d{1,2}[-/.]\w{3}\b"), "a spreadsheet made a date of it"),
    (re.compile(r"^\d+\s*[a-z]$", re.I), "a letter after it, as of a footnote"),
    (re.compile(r"^\d+\s*(-|–|to)\s*\d+$"), "a range"),
    (re.compile(r"^\d+([.,]\d+)$"), "people are counted in whole numbers"),
    (re.compile(r"^\d+\s*[(\[]"), "what stands in brackets is no percentage"),
    (re.compile(r"^\d+\s+\d+$"), "two numbers in one cell"),
    (re.compile(r"^(none|nil|zero)$", re.I), "write 0 if it means none"),
    (re.compile(r"^(true|false)$", re.I), "a truth value"),
    (EXCEL_ERROR, "an error of the spreadsheet"),
)


def _suspicion(text: str) -> str:
    for pattern, words in _SUSPICIONS:
        if pattern.search(text):
            return f" ({words})"
    return ""


def read_number(text: str, decimals: Decimals = NOTHING_TELLS, column: int = -1) -> Printed:
    """A number of an estimates table, with its printed digits.

    Raises
    ------
    NumberProblem
        If the text is none, or could be two.
    """
    expected = "a number with a decimal point"
    if len(text) > LONGEST:
        raise NumberProblem(f"{text[:LONGEST]!r}… is not a number", expected)
    written = plain(without_footnote(text)[0])
    mark = decimals.of_column(column)
    ambiguous = re.fullmatch(r"([+-]?[1-9]\d{0,2})([.,])(\d{3})", written)
    if ambiguous:
        head, sign, tail = ambiguous.groups()
        if sign != mark and (mark or sign == ","):
            raise NumberProblem(
                f"{text!r} can be {head}{tail} (thousands) or {head}.{tail} (decimals)", expected
            )
    if re.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?", written):
        written = written.replace(",", ".")
    if not _PRINTED.match(written):
        raise NumberProblem(f"{text!r} is not a number{_suspicion(written)}", expected)
    mantissa, _, exponent = written.lower().partition("e")
    number = float(written)
    if abs(int(exponent or 0)) > 300 or not abs(number) < 1e300:
        raise NumberProblem(f"{text!r} is not a number", expected)
    return Printed(number, 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))
