"""Counts that stand twice, in every disguise; and coincidences that are none."""

import time

import numpy as np
import pytest

from genopool.diagnostics.integrity.repeated_counts import check_repeated_counts
from genopool.studies.reading import read_studies

BO = "36,108,64,26,96,68"


def test_published_studies_repeat_nothing(findings_of, counts):
    assert not findings_of("repeated_counts", {"a.csv": counts(published=True)})


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (BO, "the counts (cases 36, 108, 64; controls 26, 96, 68) are those of Bo (a.csv, row 2);"),
        ("64,108,36,68,96,26", "with the two alleles exchanged"),
        ("26,96,68,36,108,64", "with cases and controls exchanged"),
        ("68,96,26,64,108,36", "with the alleles, and cases and controls, exchanged"),
        ("72,216,128,52,192,136", "all multiplied by 2"),
        ("54,162,96,39,144,102", "all multiplied by 1.5"),
        ("36,108,64,33,91,40", "the cases (36, 108, 64) are those of the cases of Bo"),
        ("64,108,36,33,91,40", "with the two alleles exchanged"),
        ("40,101,50,26,96,68", "the controls (26, 96, 68) are those of the controls of Bo"),
        ("26,96,68,33,91,40", "the cases (26, 96, 68) are those of the controls of Bo"),
    ],
)
def test_a_repeat_is_found_in_every_disguise(findings_of, counts, cells, said):
    (finding,) = findings_of("repeated_counts", {"a.csv": counts(f"Copy,{cells}", published=True)})
    assert (finding.severity, finding.study, finding.row) == ("warning", "Copy", 11)
    assert said in finding.message
    assert "Bo (a.csv, row 2)" in finding.message


def test_a_repeat_is_found_in_another_file_and_whatever_the_order(findings_of, counts):
    for names in (("a.csv", "b.csv"), ("b.csv", "a.csv")):
        tables = dict(zip(names, (counts(published=True), counts(f"Copy,{BO}")), strict=True))
        (finding,) = findings_of("repeated_counts", tables)
        assert finding.file == "b.csv"


PARTS = (
    "study,locus,population,sex,control_group,cases_AA,cases_AC,cases_CC,"
    "controls_AA,controls_AC,controls_CC\n"
)


@pytest.mark.parametrize(
    ("rows", "severity"),
    [
        ("Bo,SNP,UC,,,36,108,64,26,96,68\nBo,SNP,CD,,,22,57,43,26,96,68\n", "warning"),
        ("Bo,SNP,UC,,g,36,108,64,26,96,68\nBo,SNP,CD,,g,22,57,43,26,96,68\n", ""),
        ("Bo,SNP,UC,,g,36,108,64,26,96,68\nBo,SNP,CD,,h,22,57,43,26,96,68\n", "warning"),
        # the whole is counted in place of both
        (
            "Bo,SNP,,,,58,165,107,26,96,68\nBo,SNP,UC,,,36,108,64,26,96,68\n"
            "Bo,SNP,CD,,,22,57,43,26,96,68\n",
            "note",
        ),
        # a whole and its part, and rows that are never pooled together
        ("Bo,SNP,,,,58,165,107,26,96,68\nBo,SNP,UC,,,36,108,64,26,96,68\n", ""),
        ("Bo,SNP,UC,,,36,108,64,26,96,68\nBo,SNP,men,male,,22,57,43,26,96,68\n", ""),
        # the same cases in two parts, whether there is a whole or not
        (
            "Bo,SNP,,,,58,165,107,55,160,130\nBo,SNP,UC,,,36,108,64,26,96,68\n"
            "Bo,SNP,CD,,,36,108,64,29,64,62\n",
            "warning",
        ),
    ],
)
def test_parts_of_one_study(findings_of, rows, severity):
    config = "loci: {SNP: {alleles: A/C}}\nstrata: {sex: {}}\n"
    found = findings_of("repeated_counts", {"a.csv": PARTS + rows}, config)
    assert [f.severity for f in found] == ([severity] if severity else [])
    assert all(f.study == "Bo" and "Bo (UC) (a.csv, row" in f.message for f in found)


def akin(first, second, controls, others=8):
    """Two studies with the same controls among others with controls of other sizes and counts."""
    lines = [
        f"Other{chr(97 + i)},{40 + i},{30 + 2 * i},9,{60 + i},{31 + i},5" for i in range(others)
    ]
    return [*lines, f"{first},89,16,1,{controls}", f"{second},119,4,1,{controls}"]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("Sashio UC", "Sashio CD", True),
        ("Sashio et al. 2009", "Sashio 2011", True),
        ("de Souza UC", "de Souza CD", True),
        ("Sashio", "Martin", False),
        ("de Souza", "de Oliveira", False),
        ("A1", "A2", False),
    ],
)
def test_a_shared_name_is_evidence_where_the_cells_say_little(
    findings_of, counts, first, second, found
):
    table = counts(*akin(first, second, "107,4,0"))
    findings = findings_of("repeated_counts", {"a.csv": table})
    assert [(f.severity, f.study) for f in findings] == ([("warning", second)] if found else [])


def test_a_word_that_most_labels_have_is_no_name(findings_of, counts):
    lines = [f"Cohort {line}" for line in akin("Sashio", "Martin", "107,4,0")]
    assert not findings_of("repeated_counts", {"a.csv": counts(*lines)})


def test_equal_sizes_by_design_are_no_evidence_under_one_name_either(findings_of, counts):
    lines = [f"Other{chr(97 + i)},40,{30 + i},9,{100 - i},{10 + i},1" for i in range(8)]
    lines += ["Sashio UC,89,16,1,107,4,0", "Sashio CD,119,4,1,107,4,0"]
    found = findings_of("repeated_counts", {"a.csv": counts(*lines)})
    assert not [f for f in found if f.severity == "warning"]


@pytest.mark.parametrize("label", ["Name{pair} {disease}", "Name{disease}{pair}"])
def test_many_shared_controls_do_not_make_each_other_common(findings_of, counts, label):
    lines = []
    for i, pair in enumerate("abcdefghi"):
        for j, disease in enumerate(("uc", "cd")):
            study = label.format(pair=pair, disease=disease)
            cases = f"{20 + 3 * i + j},{11 + i * (j + 1)},{2 + j}"
            lines.append(f"{study},{cases},{60 + 7 * i},{25 + 5 * i},{3 + i}")
    found = findings_of("repeated_counts", {"a.csv": counts(*lines)})
    assert len([f for f in found if f.severity == "warning"]) == 9


def shared(*groups):
    lines = [
        f"{study},SNP,{group},{cases},26,96,68\n"
        for study, group, cases in zip(
            ("One", "Two"), groups, ("36,108,64", "22,57,43"), strict=True
        )
    ]
    return (
        "study,locus,control_group,cases_AA,cases_AC,cases_CC,"
        "controls_AA,controls_AC,controls_CC\n" + "".join(lines)
    )


def test_controls_that_are_declared_as_shared_are_no_finding(findings_of):
    assert not findings_of("repeated_counts", {"a.csv": shared("g", "g")})


def test_controls_that_nobody_declares_are_found_and_a_part_is_recognised(findings_of):
    (finding,) = findings_of("repeated_counts", {"a.csv": shared("", "")})
    assert finding.severity == "warning"
    assert "control_group" in finding.action
    assert "no more in any cell" in finding.message


def test_a_declared_overlap_is_no_finding(findings_of):
    table = (
        "study,locus,overlaps,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
        f"Bo,SNP,,{BO}\nCopy,SNP,Bo,{BO}\n"
    )
    assert not findings_of("repeated_counts", {"a.csv": table})


@pytest.mark.parametrize("kept", ["Bo", "Copy"])
def test_an_overlap_of_the_configuration_is_no_finding(findings_of, counts, kept):
    left = {"Bo": "Copy", "Copy": "Bo"}[kept]
    config = f"loci: {{SNP: {{alleles: A/C}}}}\noverlaps: {{{left}: {kept}}}\n"
    table = {"a.csv": counts(f"Bo,{BO}", f"Copy,{BO}", f"Third,{BO}")}
    found = findings_of("repeated_counts", table, config)
    assert [f.study for f in found] == ["Third"]


def test_small_tables_coincide_by_chance_and_are_left_alone(findings_of, counts):
    table = counts("A,0,1,3,1,2,2", "B,0,1,3,1,2,2", "C,1,2,1,1,2,2")
    assert not [
        f for f in findings_of("repeated_counts", {"a.csv": table}) if f.severity == "warning"
    ]


def test_everybody_of_one_genotype_is_no_evidence(findings_of, counts):
    table = counts("A,500,0,0,700,0,0", "B,500,0,0,700,0,0")
    found = findings_of("repeated_counts", {"a.csv": table})
    assert not [f for f in found if f.severity == "warning"]


def test_the_coarser_form_is_compared_where_one_row_gives_no_more(findings_of):
    full = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    coarse = "study,locus,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"
    tables = {
        "a.csv": full + f"Bo,SNP,{BO}\nCanedo,SNP,53,169,111,137,353,203\n",
        "b.csv": coarse + "Copy,SNP,53,280,137,556\n",
    }
    (finding,) = findings_of("repeated_counts", tables)
    assert finding.study == "Copy" and "Canedo" in finding.message
    assert "dominant" in finding.message


def test_chromosomes_are_compared_with_genotypes(findings_of):
    tables = {
        "a.csv": "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
        "Canedo,SNP,53,169,111,137,353,203\n",
        "b.csv": "study,locus,cases_A,cases_C,controls_A,controls_C\nCopy,SNP,275,391,627,759\n",
    }
    (finding,) = findings_of("repeated_counts", tables)
    assert finding.study == "Copy" and "allelic" in finding.message


LENGTHS = (
    "study,locus,cases_18/18,cases_18/19,cases_19/19,controls_18/18,controls_18/19,controls_19/19\n"
)
TWO_LOCI = "loci:\n  SNP: {alleles: A/C%s}\n  OTHER: {alleles: G/T%s}\n"


def test_repeats_are_compared_by_their_lengths(findings_of):
    config = 'loci: {CA: {kind: repeat, effect_alleles: ["19", "<19"]}}\n'
    table = LENGTHS + "One,CA,36,108,64,26,96,68\nTwo,CA,36,108,64,26,96,68\n"
    (finding,) = findings_of("repeated_counts", {"a.csv": table}, config)
    assert finding.severity == "warning"
    other = LENGTHS.replace("18", "17") + "Two,CA,22,57,43,24,74,82\n"
    assert not findings_of(
        "repeated_counts", {"a.csv": LENGTHS + f"One,CA,{BO}\n", "b.csv": other}, config
    )


@pytest.mark.parametrize(
    ("study", "genes", "severity"),
    [
        ("Other", ("", ""), "warning"),
        ("Bo", ("", ""), "warning"),
        ("Bo", (", gene: G", ", gene: G"), "note"),
        ("Bo", (", gene: G", ", gene: H"), "warning"),
    ],
)
def test_a_row_under_two_loci_is_found(findings_of, counts, study, genes, severity):
    other = counts(f"{study},{BO}").replace("SNP", "OTHER").replace("A", "G").replace("C", "T")
    other = other.replace("_TT", "_TT")
    (finding,) = findings_of(
        "repeated_counts",
        {"a.csv": counts(published=True), "b.csv": other},
        TWO_LOCI % genes,
    )
    assert (finding.severity, finding.locus) == (severity, "OTHER")
    assert "at the locus SNP" in finding.message


def test_five_thousand_rows_take_seconds_and_one_line_each(make_project, counts):
    rng = np.random.default_rng(1)
    rows = rng.multinomial(500, [0.3, 0.5, 0.2], (5000, 2)).reshape(5000, 6)
    rows[2500:] = rows[0]
    lines = [f"S{i}," + ",".join(map(str, row)) for i, row in enumerate(rows)]
    project = make_project({"a.csv": counts(*lines)}, "loci: {SNP: {alleles: A/C}}\n")
    tables = read_studies(project)
    started = time.perf_counter()
    found = check_repeated_counts(project.config, "SNP", tables)
    assert time.perf_counter() - started < 30
    assert {f"S{i}" for i in range(2500, 5000)} <= {f.study for f in found}
    assert len(found) < 2600
