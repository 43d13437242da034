"""Numbers of one row that contradict each other, and clean rows that do not."""

import math
import random

import pytest

from genopool.studies.coverage import is_complete
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.reading import read_studies

CONFIG = """\
loci:
  SNP: {alleles: A/C}
  CA: {kind: repeat, effect_alleles: ["19"]}
"""
HEADER = "study,locus,n_cases,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"


@pytest.fixture
def warnings_of(make_project):
    def read(header, *rows):
        text = "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"
        tables = read_studies(make_project({"a.csv": text}, CONFIG))
        assert not [f for f in tables.findings if f.severity == "error"]
        return [f for f in tables.findings if f.severity == "warning"]

    return read


def genotypes(rng, people, frequency):
    drawn = [sum(rng.random() < frequency for _ in range(2)) for _ in range(people)]
    return [drawn.count(copies) for copies in (0, 1, 2)]


def with_percentages(counts, decimals, cut):
    total = sum(counts)
    cells = []
    for count in counts:
        percentage = 100 * count / total
        if cut:
            percentage = math.floor(percentage * 10**decimals) / 10**decimals
        cells.append(f"{count} ({percentage:.{decimals}f}%)")
    return cells


def chi2_p(n0, n1, n2):
    n, q = n0 + n1 + n2, (n1 + 2 * n2) / (2 * (n0 + n1 + n2))
    expected = [n * (1 - q) ** 2, 2 * n * q * (1 - q), n * q**2]
    chi2 = sum((o - e) ** 2 / e for o, e in zip((n0, n1, n2), expected, strict=True))
    return math.erfc(math.sqrt(chi2 / 2))


def test_clean_rows_give_no_warning(warnings_of):
    """Printed as papers print: rounded or cut, with totals, allele counts, frequency and p."""
    rng = random.Random(11)
    header = HEADER + ",n_controls,cases_C,controls_C,maf,hwe_p"
    rows = []
    for number in range(150):
        frequency = rng.uniform(0.05, 0.95)
        cases = genotypes(rng, rng.randrange(60, 900), frequency)
        controls = genotypes(rng, rng.randrange(60, 900), frequency)
        style = (rng.randrange(3), rng.random() < 0.5)
        q = (controls[1] + 2 * controls[2]) / (2 * sum(controls))
        rows.append(
            [
                *(f"S{number}", "SNP", sum(cases)),
                *with_percentages(cases, *style),
                *with_percentages(controls, *style),
                *(sum(controls), cases[1] + 2 * cases[2], controls[1] + 2 * controls[2]),
                *(f"{min(q, 1 - q):.2f}", f"{chi2_p(*controls):.2g}" if 0 < q < 1 else ""),
            ]
        )
    assert [str(warning) for warning in warnings_of(header, *rows)] == []


def test_exchanged_digits_are_found_by_total_and_by_percentage(warnings_of):
    rng = random.Random(12)
    for number in range(60):
        counts = [rng.randrange(100, 1000) for _ in range(3)]
        place, digit = rng.randrange(3), rng.randrange(2)
        text = str(counts[place])
        wrong = text[:digit] + text[digit + 1] + text[digit] + text[digit + 2 :]
        if wrong == text or wrong[0] == "0":
            continue
        cells = with_percentages(counts, 1, cut=False)
        cells[place] = cells[place].replace(text, wrong, 1)
        found = warnings_of(HEADER, [f"S{number}", "SNP", sum(counts), *cells, 11, 21, 31])
        checks = {warning.check: warning for warning in found}
        label = ("AA", "AC", "CC")[place]
        assert set(checks) == {"total_differs", "percentage_differs"}
        assert f"cases_{label} {wrong} for {text}" in checks["total_differs"].message
        assert checks["percentage_differs"].column == f"cases_{label}"
        assert f"{text} would fit (two digits exchanged)" in checks["percentage_differs"].message


@pytest.mark.parametrize(
    ("total", "cells", "words"),
    [
        (61, (10, 20, 30), "(+1)"),
        (606, (10, 20, 30), "a digit added would explain it: the total 606 for 60"),
        (330, (30, 100, 20), "cases_CC 20 for 200"),
        (30, (10, 20, 30), "as if alleles had been counted"),
        (120, (10, 20, 30), "the total may count alleles"),
        (20, (10, 20, ""), "30 people"),
    ],
)
def test_totals_that_differ(warnings_of, total, cells, words):
    (found,) = warnings_of(HEADER, ["S", "SNP", total, *cells, 11, 21, 31])
    assert found.check == "total_differs" and found.column == "n_cases"
    if words not in found.message:
        pytest.fail(found.message)


@pytest.mark.parametrize("cells", [(10, 20, ""), ("", "", "")])
def test_a_total_above_incomplete_counts_is_no_contradiction(warnings_of, cells):
    found = warnings_of(HEADER, ["S", "SNP", 60, *cells, 11, 21, 31])
    assert not [warning for warning in found if warning.check == "total_differs"]


def test_percentages_of_a_genotype_over_both_groups_are_understood(warnings_of):
    header = HEADER.replace("n_cases,", "")
    row = ["S", "SNP", "10 (25%)", "20 (50%)", "30 (60%)", "30 (75%)", "20 (50%)", "20 (40%)"]
    assert warnings_of(header, row) == []


def test_percentages_of_a_printed_total_are_understood(warnings_of):
    assert not [
        warning
        for warning in warnings_of(HEADER, ["S", "SNP", 80, "10 (12.5%)", "20 (25%)", "", 1, 2, 3])
        if warning.check == "percentage_differs"
    ]


def test_a_wrong_percentage_alone(warnings_of):
    header = HEADER.replace("n_cases,", "")
    (found,) = warnings_of(header, ["S", "SNP", "10 (16.7%)", "20 (33.3%)", "30 (59%)", 1, 2, 3])
    assert found.check == "percentage_differs" and found.column == "cases_CC"
    assert "30 of 60 is 50.0%, and 59% is printed" in found.message


def test_columns_of_percentages_are_compared(warnings_of):
    header = (
        "study,locus,cases_AA,cases_AA (%),cases_AC+CC,cases_AC+CC (%),controls_AA,controls_AC+CC"
    )
    assert warnings_of(header, ["S", "SNP", 10, 25.0, 30, 75.0, 1, 2]) == []
    found = warnings_of(header, ["S", "SNP", 10, 15.0, 30, 75.0, 1, 2])
    assert {warning.check for warning in found} == {"percentage_differs"}


def test_a_column_of_percentages_whose_cells_are_counts_too(make_project):
    header = "study,locus,AA cases (%),AC+CC cases (%),AA controls (%),AC+CC controls (%)"
    text = f"{header}\nS,SNP,10 (25.0),30 (75.0),1 (33.3),2 (66.7)\n"
    tables = read_studies(make_project({"a.csv": text}, CONFIG))
    (row,) = tables.counts
    assert [(c.label.text, c.cases, c.controls) for c in row.cells] == [
        ("AA", 10, 1),
        ("AC+CC", 30, 2),
    ]
    assert not [f for f in tables.findings if f.severity != "note"]


def test_allele_counts_beside_genotypes(make_project):
    header = HEADER.replace("n_cases", "cases_C,controls_C")
    good = "S,SNP,80,83,10,20,30,11,21,31\n"
    tables = read_studies(make_project({"a.csv": f"{header}\n{good}"}, CONFIG))
    assert [cell.label.text for cell in tables.counts[0].cells] == ["AA", "AC", "CC"]
    assert not [f for f in tables.findings if f.severity != "note"]
    tables = read_studies(make_project({"a.csv": f"{header}\n{good.replace('83', '38')}"}, CONFIG))
    (found,) = [f for f in tables.findings if f.severity == "warning"]
    assert (found.check, found.column) == ("alleles_differ", "controls_C")
    assert "carry 83 C alleles, and 38 are printed (two digits exchanged)" in found.message


def test_a_frequency_and_a_p_of_other_counts(warnings_of):
    header = HEADER.replace("n_cases", "maf,hwe_p")
    row = ["S", "SNP", 0.4, 0.5, 400, 200, 25, 400, 20, 25]
    found = {warning.check: warning for warning in warnings_of(header, row)}
    assert set(found) == {"frequency_differs", "hwe_p_differs"}
    assert (
        "0.0787 in controls, 0.2 in cases" in found["frequency_differs"].message
    )  # 70/890, 250/1250


@pytest.mark.parametrize(
    ("labels", "complete"),
    [
        (["AA", "AC", "CC"], True),
        (["AA", "AC+CC"], True),
        (["AA", "AC"], False),
        (["A", "C"], True),
        (["C"], False),
        ([], False),
    ],
)
def test_whether_genotypes_are_all_there(labels, complete):
    alleles = LocusAlleles("snp", ("A", "C"))
    assert is_complete([alleles.label(text) for text in labels], alleles) == complete


@pytest.mark.parametrize(
    ("labels", "complete"),
    [
        (["19/19", "19/non-19", "non-19/non-19"], True),
        (["19/19", "19/non-19"], False),
        (["<19/<19", "<19/>=19", ">=19/>=19"], True),
        (["19/19", "19/20", "20/20"], False),
    ],
)
def test_whether_classes_of_a_repeat_are_all_there(labels, complete):
    alleles = LocusAlleles("repeat")
    assert is_complete([alleles.label(text) for text in labels], alleles) == complete
