"""A hundred malformed files: each ends in a message that a person can act on, none in a traceback.

Every case names words that one finding must contain, and no row may vanish: each line of a file is
used, or named by a finding, unless the file as a whole is refused.
"""

import codecs
import gzip
import io
import zipfile

import openpyxl
import pytest

from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

WIDE = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
GOOD = "S,SNP,10,20,30,11,21,31\n"
LONG = "study,locus,genotype,cases,controls\n"
REPORTED = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high\n"
TWO_ROWS = "Study,Locus,Cases,,,Controls,,\n,,AA,AC,CC,AA,AC,CC\n"


def zipped(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 50)
    return data.getvalue()


def workbook(fill):
    book = openpyxl.Workbook()
    fill(book)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def sheet(*rows, **cells):
    """A workbook of one sheet; `C2="x"` sets a cell of it."""

    def fill(book):
        for row in rows:
            book.active.append(row)
        for place, value in cells.items():
            book.active[place] = value

    return workbook(fill)


def counts_with(cell):
    return WIDE + GOOD + f'T,SNP,"{cell}",20,30,11,21,31\n'


HEADER = WIDE.strip().split(",")
ROW = ["S", "SNP", 10, 20, 30, 11, 21, 31]

#: Name, content (of a .csv unless the name has an ending), severity, words of one finding.
CASES = [
    # what is no text, or no table
    ("empty", b"", "error", "empty"),
    ("blank lines", "\n\n  \n,,,\n", "error", "empty"),
    ("byte-order mark only", codecs.BOM_UTF8, "error", "empty"),
    ("workbook", zipped("[Content_Types].xml", "xl/workbook.xml"), "error", "Excel .xlsx"),
    ("word document", zipped("word/document.xml"), "error", "Word"),
    ("archive", zipped("a.csv"), "error", "ZIP"),
    ("old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "error", "old Excel"),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3", "error", "PDF"),
    ("web page", "<!DOCTYPE html>\n<html><table>", "error", "web page"),
    ("xml", '<?xml version="1.0"?><a/>', "error", "XML"),
    ("rtf", r"{\rtf1\ansi study}", "error", "RTF"),
    ("gzip", gzip.compress(WIDE.encode()), "error", "gzip"),
    ("picture", b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "error", "picture"),
    ("random bytes", bytes(range(1, 32)) * 40 + b"\xff\xfe", "error", "not text"),
    ("nothing but nul", b"\0" * 500, "error", "NUL"),
    ("nul in a cell", WIDE + "S,SNP,1\x000,20,30,11,21,31\n", "error", "NUL row"),
    ("false utf-16 mark", codecs.BOM_UTF16_LE + b"abc", "error", "UTF-16"),
    ("false utf-8 mark", codecs.BOM_UTF8 + b"study,\xff\n", "error", "UTF-8"),
    ("prose", "Dear colleague,\nhere are our numbers, as promised.\n", "error", "no column study"),
    ("json", '{"study": "S", "cases_AA": 1}\n', "error", "study"),
    ("pipes", WIDE.replace(",", "|") + GOOD.replace(",", "|"), "error", "single cell commas tabs"),
    ("blanks", WIDE.replace(",", " ") + GOOD.replace(",", " "), "error", "single cell"),
    # quotes and separators
    ("quote never closed", WIDE + '"' + GOOD + GOOD, "error", "quote row 2"),
    ("quote closed by a later one", WIDE + '"A,SNP,1,2,3,4,5,6\n' + 'B",SNP,1,2,3,4,5,6\n', "error",
     "quote rows row 2"),
    ("quote over rows", WIDE + '"A,SNP,1,2,3,4,5,6\nB,SNP,1,2,3,4,5,6\n"\n', "error", "quote"),
    ("text after a quote", WIDE + '"S"x,SNP,10,20,30,11,21,31\n', "error", "quote row 2"),
    ("two separators", "study;locus,cases_AA;x\nS,1\n", "error", "separat"),
    ("header by commas, rows by semicolons", WIDE + GOOD.replace(",", ";"), "error",
     "semicolon row 2"),
    ("header by semicolons, rows by commas", WIDE.replace(",", ";") + GOOD, "error", "comma row 2"),
    ("wrong sep line", "sep=|\n" + WIDE + GOOD, "error", "single cell"),
    ("more cells than columns", WIDE + GOOD.strip() + ",9\n", "error", "9 cells header of 8 row 2"),
    ("fewer cells than columns", WIDE + "S,SNP,10,20,30\n", "error", "5 cells row 2 controls_AA"),
    ("ragged", WIDE + GOOD + "T\nU,SNP\n", "error", "2 cells row 4"),
    ("cell of a megabyte", counts_with("9" * 100_000), "error", "100,000 characters row 3"),
    ("cell of ten megabytes", counts_with("9" * 10_000_000), "error", "131,072 characters row 3"),
    # headers
    ("no study", WIDE.replace("study", "id") + GOOD, "error", "no column study"),
    ("no locus", WIDE.replace("locus", "x") + GOOD, "error", "no column locus PALINDROME"),
    ("no counts", "study,locus,ethnicity\nS,SNP,Korean\n", "error", "neither counts nor estimates"),
    ("header missing", GOOD + GOOD, "error", "no column study"),
    ("column twice", WIDE.strip() + ",study\n" + GOOD.strip() + ",S\n", "error", "twice study"),
    ("genotype twice", WIDE.replace("cases_AC", "cases_AA") + GOOD, "error", "twice cases_AA"),
    ("genotype under two names", WIDE.replace("cases_AC", "AA cases") + GOOD, "error",
     "twice 'AA cases'"),
    ("two columns of authors", "Author,First author," + WIDE[6:] + "x," + GOOD, "error",
     "'Author' 'First author' column study"),
    ("two columns of the locus", WIDE.replace("study,locus", "study,SNP,Polymorphism")
     + GOOD.replace("SNP", "SNP,SNP"), "error", "'SNP' 'Polymorphism' column locus"),
    ("genotype and its turned name", WIDE.replace("_CC", "_CA") + GOOD, "error",
     "'CA' 'AC' cases_AC row 2"),
    ("nameless column", WIDE.replace("cases_AC", "") + GOOD, "error", "values and no name"),
    ("cases without controls", "study,locus,cases_AA\nS,SNP,1\n", "error", "without controls_AA"),
    ("percentages alone", "study,locus,cases_AA (%),controls_AA (%)\nS,SNP,1.5,2.5\n", "error",
     "neither counts nor estimates"),
    ("percentages of controls", "study,locus,cases_AA,controls_AA (%)\nS,SNP,1,2.5\n", "error",
     "controls_AA only percentages"),
    ("wide and long", WIDE.strip() + ",genotype,cases,controls\n" + GOOD, "error",
     "mixes wide long"),
    ("genotype and allele", "study,locus,genotype,allele,cases,controls\nS,SNP,AA,A,1,2\n", "error",
     "both genotype and allele"),
    ("estimates without a model", REPORTED.replace("model", "x") + "S,SNP,C,a,OR,1,0,2\n", "error",
     "without model"),
    ("header only", WIDE, "note", "no rows"),
    ("full-width header", WIDE.replace("cases_AA", "ｃａｓｅｓ＿ＡＡ") + GOOD, "note",
     "cases_AA taken"),
    # places
    ("study blank", WIDE + GOOD.replace("S,", ",", 1), "error", "study is blank row 2"),
    ("locus blank", WIDE + GOOD.replace("SNP", ""), "error", "locus is blank row 2"),
    ("unknown locus", WIDE + GOOD.replace("SNP", "SNQ"), "error", "'SNQ' did you mean 'SNP'"),
    ("script for a locus", WIDE + GOOD.replace("SNP", "<script>"), "error", "<script> row 2"),
    ("same row twice", WIDE + GOOD + GOOD, "error", "also in a.csv, row 2"),
    ("genotype of another locus", LONG + "S,SNP,AG,1,2\n", "error", "'G' A/C row 2"),
    ("genotype twice in a long table", LONG + "S,SNP,AC,1,2\nS,SNP,CA,1,2\n", "error",
     "'CA' row 3"),
    ("cyrillic genotype", LONG + "S,SNP,АА,1,2\n", "error", "genotype row 2"),
    ("genotype blank", LONG + "S,SNP,,1,2\n", "error", "genotype row 2"),
    ("letters without a meaning", WIDE.replace("_AA", "_XX").replace("_AC", "_XY")
     .replace("_CC", "_YY") + GOOD, "error", "'XX' not a genotype"),
    ("ab for a locus with an a", "study,locus,cases_AA,cases_BB,controls_AA,controls_BB\n"
     "S,TURNED,1,2,3,4\n", "error", "AA can be T/T or A/A"),
    ("rows that disagree", LONG.replace("study", "study,year") + "S,2005,SNP,AA,1,2\n"
     "S,2006,SNP,AC,1,2\n", "error", "year '2006' '2005'"),
    # counts
    ("letter O", counts_with("1O5"), "error", "letter for a digit row 3 cases_AA"),
    ("letter l", counts_with("l05"), "error", "letter for a digit"),
    ("negative", counts_with("-5"), "error", "negative"),
    ("minus sign", counts_with("−5"), "error", "negative"),
    ("approximate", counts_with("~45"), "error", "approximation"),
    ("bound", counts_with("<5"), "error", "bound"),
    ("question mark", counts_with("45?"), "error", "uncertain"),
    ("percentage", counts_with("45.5%"), "error", "percentage"),
    ("fraction of a person", counts_with("45.5"), "error", "whole"),
    ("scientific", counts_with("4.5e1"), "error", "scientific"),
    ("huge", counts_with("9" * 30), "error", "1,000,000,000"),
    ("range", counts_with("45-50"), "error", "range"),
    ("two numbers", counts_with("45 67"), "error", "two numbers"),
    ("none", counts_with("none"), "error", "write 0"),
    ("truth", counts_with("TRUE"), "error", "truth"),
    ("excel error", counts_with("#REF!"), "error", "#REF! compute"),
    ("formula", counts_with("=SUM(A1:A3)"), "error", "formula"),
    ("hostile formula", counts_with("=HYPERLINK(1)"), "error", "formula"),
    ("date", counts_with("2005-03-04"), "error", "date"),
    ("footnote letter", counts_with("45a"), "error", "footnote"),
    ("bad grouping", counts_with("1,23,456"), "error", "not a number"),
    ("point of thousands or decimals", counts_with("1.234"), "error", "1234 1.234"),
    ("comma of thousands or decimals", counts_with("1,234").replace(",", ";")
     .replace("1;234", "1,234"), "error", "1234 1.234"),
    ("infinite", counts_with("inf"), "error", "not a number"),
    ("not a number", counts_with("NaN"), "error", "not a number"),
    ("emoji", counts_with("🙂"), "error", "not a number"),
    ("null", counts_with("null"), "error", "not a number"),
    # estimates
    ("estimate of nothing", REPORTED + "S,SNP,C,dominant,OR,,1,2\n", "error", "estimate is blank"),
    ("negative ratio", REPORTED + "S,SNP,C,dominant,OR,-1.2,1,2\n", "error", "above 0"),
    ("limits turned", REPORTED + "S,SNP,C,dominant,OR,1,2,0.5\n", "error", "not below ci_high"),
    ("outside its interval", REPORTED + "S,SNP,C,dominant,OR,3.5,1,2\n", "error", "outside"),
    ("ambiguous decimal", (REPORTED + "S,SNP,C,dominant,OR,9,1,2\n").replace(",", ";")
     .replace(";9;", ";1,234;"), "error", "1234 1.234"),
    ("interval in words", "study,locus,effect_allele,model,OR,95% CI\nS,SNP,C,dominant,1,wide\n",
     "error", "'wide' interval 0.91-1.51"),
    ("half an interval", "study,locus,effect_allele,model,OR,CI\nS,SNP,C,dominant,1,0.91-\n",
     "error", "interval"),
    ("two of three counts", "study,locus,Cases (AA/AC/CC),Controls (AA/AC/CC)\nS,SNP,1/2,3/4/5\n",
     "error", "'1/2' three counts row 2"),
    # numbers that contradict each other
    ("total differs", WIDE.replace("study", "n_cases,study") + "66," + GOOD, "warning",
     "60 66 people"),
    ("total with exchanged digits", WIDE.replace("study", "n_cases,study")
     + "280,S,SNP,36,108,64,26,96,68\n", "warning", "two digits exchanged cases_AC 108 for 180"),
    ("alleles for people", WIDE.replace("study", "n_cases,study") + "30," + GOOD, "warning",
     "alleles had been counted"),
    ("more than the total", WIDE.replace("study", "n_cases,study") + "25,S,SNP,10,20,,1,2,3\n",
     "warning", "30 people 25"),
    ("of a total", WIDE + "S,SNP,10/66,20/66,30/66,11,21,31\n", "warning", "60 66"),
    ("percentage differs", WIDE + "S,SNP,10 (16.7%),20 (33.3%),30 (59.0%),11,21,31\n", "warning",
     "cases_CC 50.0% 59%"),
    ("percentage above 100", WIDE + "S,SNP,10 (167%),20 (33.3%),30 (50%),11,21,31\n", "warning",
     "167% 16.7%"),
    ("alleles and genotypes", WIDE.replace("study", "cases_C,controls_C,study")
     + "80,38,S,SNP,10,20,30,11,21,31\n", "warning", "38 83 exchanged controls_C"),
    ("row of totals", WIDE + GOOD + "T,SNP,1,2,3,4,5,6\nTotal,,11,22,33,15,26,38\n", "warning",
     "Total not the sum 38 37"),
    ("impossible frequency", WIDE.replace("study", "maf,study") + "0.7," + GOOD, "warning",
     "maf is 0.7"),
    ("impossible frequency", WIDE.replace("study", "maf,study") + "1.5," + GOOD, "warning",
     "maf is 1.5"),
    ("total in words", WIDE.replace("study", "n_cases,study") + "about 60," + GOOD, "warning",
     "n_cases cannot be read"),
    # around the table
    ("heading of a group", WIDE + "Asian\n" + GOOD, "warning", "'Asian' row 2"),
    ("notes below", WIDE + GOOD + "* P < 0.05\nSource: X, 2005, p. 3\n", "note", "Source row 4"),
    ("title above", "Table 2. Counts\n" + WIDE + GOOD, "note", "'Table 2. Counts' row 1"),
    ("title above two rows", "Table 2\n" + TWO_ROWS + GOOD, "note", "2 rows"),
    ("rows above the header", GOOD + WIDE + GOOD.replace("S,", "T,", 1), "error",
     "numbers above the header row 1"),
    ("header again", WIDE + GOOD + WIDE + GOOD.replace("S,", "T,", 1), "note", "again row 3"),
    ("spoilt letters", WIDE + "MÃ¼ller" + GOOD[1:], "warning", "MÃ¼ller"),
    ("lost letters", WIDE + "M\ufffdller" + GOOD[1:], "warning", "spoilt"),
    # workbooks
    ("text.xlsx", WIDE.encode(), "error", "text; give it the ending .csv"),
    ("empty.xlsx", b"", "error", "empty"),
    ("broken.xlsx", b"PK\x03\x04 broken", "error", "not a workbook"),
    ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "error", "old Excel"),
    ("document.xlsx", zipped("word/document.xml"), "error", "not a workbook"),
    ("no table.xlsx", sheet(), "error", "no sheet with a table"),
    ("far cell.xlsx", sheet(HEADER, ROW, XFD1048576="x"), "error", "1,048,576 rows"),
    ("formula.xlsx", sheet(HEADER, ROW, C2="=1+1"), "error", "no stored value cases_AA row 2"),
    ("error.xlsx", sheet(HEADER, ROW, C2="#REF!"), "error", "#REF! cases_AA row 2"),
    ("truth.xlsx", sheet(HEADER, ROW, C2=True), "error", "truth row 2"),
    ("words.xlsx", sheet(["Dear", "colleague"]), "error", "no column study"),
    ("bomb.xlsx", sheet(HEADER, [*ROW[:2], "9" * 32_767, *ROW[3:]]), "error", "not a number"),
]  # fmt: skip
CONFIG = """\
loci:
  SNP: {alleles: A/C}
  PALINDROME: {alleles: A/T}
  TURNED: {alleles: T/A}
"""


@pytest.mark.parametrize(
    ("name", "content", "severity", "words"), CASES, ids=[name for name, *_ in CASES]
)
def test_malformed_file_ends_in_a_message(name, content, severity, words, make_project):
    file = "a.xlsx" if name.endswith(".xlsx") else "a.csv"
    tables = read_studies(make_project({file: content}, CONFIG))
    told = [f"{finding} {finding.action}" for finding in tables.findings]
    of_severity = [
        text
        for finding, text in zip(tables.findings, told, strict=True)
        if finding.severity == severity
    ]
    assert any(_has_words(text, words) for text in of_severity), told
    assert all(finding.file == file for finding in tables.findings)
    assert severity == "error" or not errors(tables.findings)
    assert all(len(text) < 80_000 for text in told)
    if not any(f.check in ("unreadable_file", "header") for f in tables.findings):
        _no_row_is_lost(tables, content)


def _has_words(text, words):
    """Whether a message has the words in any order; what stands in quotes stays together."""
    parts = [part for place, part in enumerate(words.split("'")) if place % 2]
    parts += [word for place, rest in enumerate(words.split("'")) if not place % 2
              for word in rest.split()]  # fmt: skip
    return all(part in text for part in parts)


def _no_row_is_lost(tables, content):
    if isinstance(content, bytes) or ("genotype" in content and errors(tables.findings)):
        return  # an error in one row of a long table stands for the study's other rows
    used = {number for row in tables.rows for number in row.rows}
    told = {finding.row for finding in tables.findings if finding.row is not None}
    header = next((n for n, line in enumerate(content.splitlines(), 1) if "locus" in line.lower()))
    told |= {header, header + 1} if "\n,,AA" in content else {header}
    lines = {n for n, line in enumerate(content.splitlines(), 1) if line.strip(",; ")}
    assert lines <= used | told


def test_there_are_a_hundred():
    assert len(CASES) >= 100
