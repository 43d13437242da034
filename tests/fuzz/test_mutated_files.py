"""Real tables with bytes flipped, lost, doubled and mixed: each is read or refused in words."""

import csv
import html
import io
import random
import re
import zipfile

import openpyxl
import pytest

CASES = {"config.yaml": 4_000, "examples/il8_gastric_cancer/config.yaml": 1_000}
CASES_OF_WORKBOOKS = 600
ANALYSED_EVERY = 25
TOKENS = [
    *(b'"', b'""', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b" ", b"\xa0", b"\xff"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b[31m", b"\x1c", b"\x85", b"\xe2\x80\xa8"),
    *(b"-", b"-1", b"+1", b"1e308", b"1e-320", b"nan", b"inf", b"0", b"00", b"1.5", b"1,5", b"NA"),
    *(b"9" * 30, b"0x10", b"1_000", "٣".encode(), "²".encode(), "１".encode(), b"45 (12.3%)"),
    *(b"=1+1", b"@SUM(A1)", b"<script>alert(1)</script>", b"../../etc/passwd", b"%s%n{0}{x}"),
    *(b"study", b"locus", b"cases_", b"controls_", b"AA", b"A/C", b"19/non-19", b"+", b"/", b"<19"),
    *("Åé".encode(), "\u202e".encode(), "\U0001f600".encode(), b"\xed\xa0\x80"),
]


def mutated(rng, data, others):
    """`data` with one to four changes."""
    for _ in range(rng.randint(1, 4)):
        place, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        end = min(end, place + rng.choice([1, 3, 20, 400]))
        kind = rng.randrange(12)
        if kind == 0 and data:  # one bit
            data = bytearray(data)
            data[place % len(data)] ^= 1 << rng.randrange(8)
            data = bytes(data)
        elif kind <= 3:
            data = data[:place] + rng.choice(TOKENS) + data[place:]
        elif kind == 4:
            data = data[:place] + rng.choice(TOKENS) + data[end:]
        elif kind == 5:
            data = data[:place] + data[end:]
        elif kind == 6:
            data = data[:end] + data[place:]
        elif kind == 7:
            data = data[:place] if rng.random() < 0.5 else data[place:]
        elif kind == 8:  # two files into one
            other = rng.choice(others)
            data = data[:place] + other[rng.randrange(len(other) + 1) :]
        elif kind == 9:  # lines moved, doubled, lost
            lines = data.splitlines(keepends=True) or [b""]
            lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
            if rng.random() < 0.5:
                del lines[rng.randrange(len(lines))]
            data = b"".join(lines)
        elif kind == 10:  # a column's cells moved
            lines = [line.split(b",") for line in data.split(b"\n")]
            column = rng.randrange(max(map(len, lines)))
            for line in lines:
                if column < len(line) and rng.random() < 0.7:
                    line.append(line.pop(column))
            data = b"\n".join(b",".join(line) for line in lines)
        else:
            data = recoded(rng, data)
    return data


def recoded(rng, data):
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-8-sig", "latin-1", "cp1252", "utf-7", "cr"])
    if encoding == "cr":
        return data.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\n"]))
    return text.encode(encoding, "replace")


def tables_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


@pytest.mark.parametrize("source", CASES)
def test_every_mutated_table_is_read_or_refused_in_words(repository, outcomes, source):
    rng = random.Random(20260704)
    originals = tables_of((repository / source).parent / "data" / "studies")
    others = list(originals.values())
    rules = outcomes(source)
    rules.check(originals, in_full=True)
    for case in range(CASES[source]):
        name = rng.choice(list(originals))
        files = {name: mutated(rng, originals[name], others)}
        rules.check(files, in_full=case % ANALYSED_EVERY == 0)
    # The mutations are neither all fatal nor all harmless.
    assert rules.cases * 0.2 < rules.with_errors < rules.cases * 0.95


def workbook_of(path):
    book = openpyxl.Workbook()
    with open(path, encoding="utf-8", newline="") as file:
        for cells in csv.reader(file):
            book.active.append([int(cell) if cell.isdigit() else cell for cell in cells])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_mutated_part(rng, data, others):
    """A workbook one of whose parts is broken, in an archive that is whole."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(changed, "w") as copy:
        victim = rng.choice([*archive.namelist(), *["xl/worksheets/sheet1.xml"] * 10])
        for name in archive.namelist():
            part = archive.read(name)
            if name == victim:
                part = rng.choice([mutated, with_mutated_cell])(rng, part, others)
            copy.writestr(name, part)
    return changed.getvalue()


def with_mutated_cell(rng, part, others):
    """A part with another value, type, place or number in one of its elements."""
    places = [match.span(1) for match in re.finditer(rb'(?:>|[rts]=")([^<>"]+)(?=[<"])', part)]
    start, end = rng.choice(places or [(0, 0)])
    values = [b"", b"n", b"s", b"b", b"e", b"str", b"d", b"inlineStr", b"A1", b"XFD1048576", b"A0"]
    values += [html.escape(token.decode("utf-8", "replace")).encode() for token in TOKENS]
    return part[:start] + rng.choice(values) + part[end:]


def test_every_mutated_workbook_is_read_or_refused_in_words(repository, outcomes):
    rng = random.Random(20260705)
    texts = [repository / "data/studies" / f"{n}.csv" for n in ("arafat_2025", "qian_2011")]
    books = [workbook_of(path) for path in texts]
    rules = outcomes("config.yaml")
    for case in range(CASES_OF_WORKBOOKS):
        book = rng.choice(books)
        broken = (
            mutated(rng, book, books) if case % 4 == 0 else with_mutated_part(rng, book, [b"<a>"])
        )
        rules.check({"a.xlsx": broken}, in_full=case % ANALYSED_EVERY == 0)
    assert rules.cases * 0.2 < rules.with_errors < rules.cases * 0.95
