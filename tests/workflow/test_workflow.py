"""The workflow as a user runs it: from study tables to the report, in a temporary folder."""

import csv
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = ("Snakefile", "config.yaml", "workflow", "profiles", "src", "data", "examples")
PARTS += ("environment.yml",)
IL8 = "examples/il8_gastric_cancer"


def snakemake(folder, *arguments, fails=False, **environment):
    """Run Snakemake in a copy of the project and return what it printed."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("snakemake")), *arguments],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def copy_project(repository, folder):
    for part in PARTS:
        source = repository / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("results", ".snakemake", "__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    return folder


def table(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "logs" not in path.parts and path.name != ".snakemake_timestamp"
    }


@pytest.fixture(scope="session")
def finished(repository, tmp_path_factory):
    """A copy of the project, run once."""
    folder = copy_project(repository, tmp_path_factory.mktemp("project with blank"))
    snakemake(folder)
    return folder


@pytest.fixture
def project(finished, tmp_path):
    """A finished project that a test may change."""
    shutil.copytree(finished, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy"


def jobs(output):
    """The loci and the joint jobs that a dry run lists."""
    loci = set(re.findall(r"Pooling (\S+) and drawing", output))
    joint = {name for name in ("Joining", "Writing") if name in output}
    return loci, joint


def test_every_promised_file_is_there(finished):
    results = finished / "results"
    names = "studies estimates integrity hwe pooled strata multiplicity verdict manifest"
    for name in names.split():
        assert (results / f"{name}.tsv").is_file()
    figures = results / "IGFBP3_A-202C" / "figures"
    for ending in ("svg", "pdf", "png"):
        assert (figures / f"forest.C.dominant.ethnicity.{ending}").is_file()
    assert list((results / "IGF1R_rs28674628" / "figures").glob("*.svg")) == []


def test_manifest_lists_every_file_with_its_hash(finished):
    results = finished / "results"
    listed = {row["file"]: row["sha256"] for row in table(results / "manifest.tsv")}
    there = hashes(results)
    del there["manifest.tsv"]
    assert listed == there


def test_published_numbers_reach_the_pooled_table(finished):
    rows = table(finished / "results" / "pooled.tsv")
    # Wen 2005 alone: printed OR 0.80 (0.64-1.00) for 17
    (row,) = [
        r
        for r in rows
        if (r["effect_allele"], r["model"], r["stratifier"]) == ("17", "dominant", "overall")
    ]
    assert float(row["or"]) == pytest.approx(0.80)
    assert [round(float(row[c]), 2) for c in ("ci_low", "ci_high")] == [0.64, 1.00]
    # Arafat 2025, CC against AA: printed 16.237 (7.904-33.356)
    (row,) = [
        r
        for r in rows
        if (r["locus"], r["model"], r["stratum"])
        == ("IGFBP3_A-202C", "homozygous", "Middle Eastern")
    ]
    assert [round(float(row[c]), 3) for c in ("or", "ci_low", "ci_high")] == [16.237, 7.904, 33.356]


def test_every_choice_is_in_the_results(finished):
    chosen = {r["setting"]: r["value"] for r in table(finished / "results" / "settings.tsv")}
    assert chosen["pooling.tau2"] == "REML" and chosen["pooling.level"] == "0.95"
    assert chosen["pooling.zero_cells.apply"] == "only0"
    assert chosen["pooling.zero_cells.drop_double_zero"] == "yes"


def test_locus_without_data_says_so(finished):
    rows = [
        r for r in table(finished / "results" / "pooled.tsv") if r["locus"] == "IGF1R_rs28674628"
    ]
    assert len(rows) == 7 and {(r["k"], r["reason"]) for r in rows} == {
        ("0", "no study answers this")
    }


def test_account_covers_every_row_of_every_table(finished):
    account = {(r["file"], int(r["row"])) for r in table(finished / "results" / "account.tsv")}
    rows = set()
    for path in (finished / "data" / "studies").iterdir():
        with open(path, encoding="utf-8", newline="") as lines:
            rows |= {
                (path.name, number) for number, _ in enumerate(csv.reader(lines), 1) if number > 1
            }
    assert account == rows


def test_report_opens_without_a_console_error_or_a_request(finished, open_report):
    opened = open_report(finished / "results" / "report.html")
    assert opened.messages == []
    assert opened.outside == []
    text = opened.page.inner_text("body")
    for words in ("IGFBP3 A-202C", "Arafat 2025", "no study answers this", "abstracts", "SHA-256"):
        assert words in text


def test_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in snakemake(finished)


def test_changed_table_runs_its_loci_and_the_report(project):
    path = project / "data" / "studies" / "qian_2011.csv"
    path.write_text(path.read_text().replace("3.32", "3.31"))
    before = hashes(project / "results" / "IGF1_CA")
    assert jobs(snakemake(project, "-n")) == ({"IGF1_rs7965399"}, {"Joining", "Writing"})
    snakemake(project)
    assert hashes(project / "results" / "IGF1_CA") == before
    assert "Nothing to be done" in snakemake(project)


def test_added_and_removed_table(project):
    clean = hashes(project / "results")
    path = project / "data" / "studies" / "new.csv"
    path.write_text(
        "study,locus,cases_GG,cases_GT,controls_GG,controls_GT\nNew,IGF1R_rs2016347,1,2,3,4\n"
    )
    assert jobs(snakemake(project, "-n"))[0] == {"IGF1R_rs2016347"}
    snakemake(project)
    assert "New" in (project / "results" / "studies.tsv").read_text()
    path.unlink()
    assert jobs(snakemake(project, "-n"))[0] == {"IGF1R_rs2016347"}
    snakemake(project)
    assert hashes(project / "results") == clean


def test_locus_that_goes_away_takes_its_files_along(project):
    config = project / "config.yaml"
    text = config.read_text()
    start, end = text.index("  IGF1R_rs12916884:"), text.index("models:")
    config.write_text(text[:start] + "\n" + text[end:])
    kang = project / "data" / "studies" / "kang_2014.csv"
    kept_lines = [x for x in kang.read_text().splitlines(True) if "rs12916884" not in x]
    kang.write_text("".join(kept_lines))
    kept = project / "results" / "IGF1_CA" / "my notes.txt"
    kept.write_text("mine")
    assert jobs(snakemake(project, "-n"))[0] == {"IGF1R_rs8032477", "IGF1R_rs11635251"}
    snakemake(project)
    assert not list((project / "results" / "IGF1R_rs12916884").rglob("*.tsv"))
    assert kept.read_text() == "mine"
    assert "rs12916884" in (project / "results" / "logs" / "report.log").read_text()
    assert "rs12916884" not in (project / "results" / "report.html").read_text()


def test_deleted_results_are_made_again(project):
    results = project / "results"
    before = hashes(results)
    for name in ("IGF1_rs7965399/pooled.tsv", "manifest.tsv", "studies.tsv"):
        (results / name).unlink()
    loci, _ = jobs(snakemake(project, "-n"))
    assert loci == {"IGF1_rs7965399"}
    snakemake(project)
    assert hashes(results) == before


def test_figures_that_are_no_longer_made_go_and_others_stay(project):
    figures = project / "results" / "IGF1_rs7965399" / "figures"
    mine = figures / "mine.png"
    mine.write_text("mine")
    path = project / "data" / "studies" / "qian_2011.csv"
    path.write_text(path.read_text().replace("East Asian", ""))
    assert list(figures.glob("*.ethnicity.svg"))
    snakemake(project)
    assert not list(figures.glob("*.ethnicity.*")) and list(figures.glob("*.overall.svg"))
    assert mine.read_text() == "mine"
    assert "recessive.ethnicity.svg" in (project / "results" / "logs" / "report.log").read_text()
    assert "mine.png" not in (project / "results" / "manifest.tsv").read_text()


def test_new_settings_count_whichever_way_the_project_is_named(project):
    config = project / "config.yaml"
    config.write_text(config.read_text().replace("tau2: REML", "tau2: DL"))
    other = project / "elsewhere"
    other.mkdir()
    arguments = ["--snakefile", "../Snakefile", "--configfile", "../config.yaml", "-n"]
    assert "IGFBP3_A-202C" in jobs(snakemake(other, *arguments))[0]


def test_new_title_runs_no_locus(project):
    loci, joint = jobs(snakemake(project, "-n", "--config", "title=Another"))
    assert (loci, joint) == (set(), {"Joining", "Writing"})


def test_braces_in_the_configuration_are_no_wildcards(project):
    """Snakemake fills braces of a parameter that is plain text."""
    title = "title=Of {IGF1} and {{x}} %s {"
    assert jobs(snakemake(project, "-n", "--config", title)) == (set(), {"Joining", "Writing"})
    config = project / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace("outcome: breast cancer", 'outcome: "{locus}"'))
    assert config.read_text() != text
    assert "Writing" in jobs(snakemake(project, "-n"))[1]


def test_same_bytes_whatever_the_machine(project):
    first = hashes(project / "results")
    shutil.rmtree(project / "results")
    shutil.rmtree(project / ".snakemake")
    snakemake(project, "--cores", "1", PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C", LANG="C")
    assert hashes(project / "results") == first


def test_errors_stop_the_run_and_leave_earlier_results(project):
    before = hashes(project / "results")
    bad = project / "data" / "studies" / "bad.csv"
    bad.write_text(
        "study,locus,cases_GG,controls_GG\nX,IGF1R_rs201634,1,2\nY,IGF1R_rs2016347,-3,4\n"
    )
    output = snakemake(project, fails=True)
    assert "Traceback" not in output
    assert "bad.csv, row 2, column locus" in output and "did you mean 'IGF1R_rs2016347'" in output
    assert "bad.csv, row 3, column cases_GG: '-3'" in output
    written = table(project / "results" / "logs" / "errors.tsv")
    assert {(r["severity"], r["row"]) for r in written if r["file"] == "bad.csv"} == {
        ("error", "2"),
        ("error", "3"),
    }
    assert hashes(project / "results") == before
    bad.unlink()
    assert "Nothing to be done" in snakemake(project)
    assert not (project / "results" / "logs" / "errors.tsv").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("tau2: REML", "tau2: REMLL", "did you mean 'REML'"),
        ("interval:", "intervall:", "did you mean 'interval'"),
        ("[allelic,", "[alelic,", "did you mean 'allelic'"),
        ('"17"]', ">17]", 'in quotes, as ">19"'),
    ],
)
def test_configuration_is_checked_before_any_job(project, old, new, says):
    config = project / "config.yaml"
    config.write_text(config.read_text().replace(old, new, 1))
    output = snakemake(project, "-n", fails=True)
    assert says in output and "line" in output and "Traceback" not in output


def test_two_configurations_are_refused(finished):
    arguments = ["-n", "--configfile", "config.yaml", f"{IL8}/config.yaml"]
    assert "stands alone" in snakemake(finished, *arguments, fails=True)


def test_given_configuration_without_loci_does_not_borrow_them(finished, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("title: x\n")
    assert "loci: missing" in snakemake(finished, "-n", "--configfile", str(other), fails=True)


@pytest.fixture(scope="session")
def il8(finished, tmp_path_factory):
    """The example run with --configfile, and again with --directory in another copy."""
    default = hashes(finished / "results")
    snakemake(finished, "--configfile", f"{IL8}/config.yaml")
    assert hashes(finished / "results") == default, "the default project's results changed"
    return finished / IL8 / "results"


def test_example_gives_the_same_files_both_ways(il8, finished, tmp_path):
    shutil.copytree(finished, tmp_path / "copy", symlinks=True)
    shutil.rmtree(tmp_path / "copy" / IL8 / "results")
    default = hashes(tmp_path / "copy" / "results")
    snakemake(tmp_path / "copy", "--directory", IL8)
    assert hashes(tmp_path / "copy" / IL8 / "results") == hashes(il8)
    assert hashes(tmp_path / "copy" / "results") == default


def test_il8_totals_and_pattern_of_significance(il8):
    """Zhang et al. 2015: 5,286 cases, 8,000 controls; significant overall and in Asians only."""
    rows = {(r["model"], r["stratum"]): r for r in table(il8 / "pooled.tsv")}
    assert rows["allelic", "all"]["n_cases"] == "5286"
    assert rows["allelic", "all"]["n_controls"] == "8000"
    for model in ("allelic", "dominant", "recessive", "homozygous", "heterozygous"):
        assert float(rows[model, "all"]["p_value"]) < 0.05
        assert float(rows[model, "Asian"]["p_value"]) < 0.05
        assert float(rows[model, "European"]["p_value"]) > 0.05


def test_il8_report_opens(il8, open_report):
    opened = open_report(il8 / "report.html")
    assert opened.messages == [] and opened.outside == []
    assert "5,286" in opened.page.inner_text("body")
