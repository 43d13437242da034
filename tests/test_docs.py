"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

from genopool import results
from genopool.association.equilibrium import HWE_COLUMNS
from genopool.config import load
from genopool.diagnostics.choice import FULL, STANDARD
from genopool.diagnostics.conclusion import CONCLUSIONS
from genopool.diagnostics.integrity.checklist import CHECKLIST_COLUMNS
from genopool.diagnostics.tables.columns import (
    ACROSS_LOCI_COLUMNS,
    CREDIBILITY_COLUMNS,
    INFLUENCE_COLUMNS,
    METAREGRESSION_COLUMNS,
    SENSITIVITY_COLUMNS,
    SMALL_STUDY_COLUMNS,
    VERDICT_COLUMNS,
)
from genopool.pooling.equilibrium_tables import POOLED_HWE_COLUMNS
from genopool.pooling.strata_tables import STRATA_COLUMNS
from genopool.pooling.tables import POOLED_COLUMNS
from genopool.results import columns_with
from genopool.studies.cells import BLANKS
from genopool.studies.findings import FINDING_COLUMNS, errors
from genopool.studies.raw.headers import SIDES, SYNONYMS
from genopool.studies.reading import read_studies

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name, language):
    return [text for kind, text in BLOCK.findall((DOCS / name).read_text()) if kind == language]


EXAMPLE = re.compile(
    r"^```([ct]sv) ?(\S*)\n(.*?)^```\n(?:\n```reads\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL
)


def examples():
    """The tables of tables.md: ending, name of the file, text, and what the page says is read."""
    return EXAMPLE.findall((DOCS / "tables.md").read_text())


def summary(row):
    """A record as tables.md writes it."""
    name = f"{row.study} ({row.population})" if row.population else row.study
    if hasattr(row, "cells"):
        numbers = [
            f"{cell.label.text} "
            + "/".join("–" if n is None else str(n) for n in (cell.cases, cell.controls))
            for cell in row.cells
        ]
        return f"{name}: {', '.join(numbers)}"
    people = f", {row.n_cases}/{row.n_controls} people" if row.n_cases else ""
    interval = f"({row.ci_low:g} to {row.ci_high:g})"
    effect = f"{row.model} in {row.effect_allele}"
    return f"{name}: {row.measure} {row.estimate:g} {interval}, {effect}{people}"


@pytest.mark.parametrize(("ending", "name", "table", "says"), examples())
def test_every_example_table_is_read_as_the_page_says(
    ending, name, table, says, repository, make_project
):
    config = (repository / "config.yaml").read_text().replace("published:", "# published:")
    config = config.replace("loci:\n", "loci:\n  X_SNP: {alleles: A/C, chromosome: X}\n", 1)
    tables = read_studies(make_project({name or f"a.{ending}": table}, config))
    assert not errors(tables.findings)
    assert [summary(row) for row in tables.rows] == says.splitlines()
    used = {number for row in tables.rows for number in row.rows}
    told = {finding.row for finding in tables.findings}
    lines = {n for n, line in enumerate(table.splitlines(), 1) if line.strip(",\t ")}
    # what is neither used nor told about is the rest of the header
    assert all(number < min(used) for number in lines - used - told)


def test_the_page_lists_every_synonym(repository):
    page = (DOCS / "tables.md").read_text()
    names = page.index("## Other names of columns")
    table = re.findall(r"^\| (`.*?) \| (`.*) \|$", page[names:], re.MULTILINE)
    listed = [re.findall("`(.*?)`", synonyms) for _, synonyms in table]
    assert listed == [
        [name for group in groups for name in group.split(", ")] for groups in SYNONYMS.values()
    ]
    meant = [re.findall("`(.*?)`", column)[0] for column, _ in table]
    first = {"ci": "ci_low", "estimate_ci": "estimate"}
    assert meant == [first.get(name, name) for name in SYNONYMS]
    for words in SIDES.values():
        assert ", ".join(f"`{word}`" for word in words.split()) in page[names:]


def test_the_page_lists_every_blank():
    page = (DOCS / "tables.md").read_text()
    start = page.index("these mean *not reported*")
    listed = re.findall("`(.*?)`", page[start : page.index("Nothing else does", start)])
    assert {"", *(text.upper() for text in listed)} == BLANKS


@pytest.mark.parametrize("example", blocks("configuration.md", "yaml"))
def test_every_example_configuration_is_accepted(example, tmp_path):
    (tmp_path / "data" / "studies").mkdir(parents=True)
    text = example if "loci:" in example else "loci: {SNP: {alleles: A/C}}\n" + example
    (tmp_path / "config.yaml").write_text(text)
    assert load(tmp_path / "config.yaml").config.loci


def test_every_check_is_documented(repository):
    documented = set(re.findall(r"`([a-z_]+)`", (DOCS / "checks.md").read_text()))
    made = set()
    for path in (repository / "src" / "genopool").rglob("*.py"):
        made |= set(
            re.findall(r'(?:"error"|"warning"|"note"|severity),\s*"([a-z_]+)"', path.read_text())
        )
    assert len(made) > 20
    made -= {"warning", "note"}
    assert made <= documented, made - documented


def test_every_python_example_runs(repository, monkeypatch, capsys):
    monkeypatch.chdir(repository)
    names: dict[str, object] = {}
    for example in blocks("python.md", "python"):
        exec(compile(example, "docs/python.md", "exec"), names)
    assert "allelic 1.1557" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("studies", columns_with(results.STUDY_COLUMNS_BEFORE, [], results.STUDY_COLUMNS_AFTER)),
        ("estimates", results.estimate_columns([])),
        ("account", results.ACCOUNT_COLUMNS),
        ("hwe", HWE_COLUMNS),
        ("hwe_pooled", POOLED_HWE_COLUMNS),
        ("influence", INFLUENCE_COLUMNS),
        ("sensitivity", SENSITIVITY_COLUMNS[: SENSITIVITY_COLUMNS.index("k")]),
        ("effects", results.effect_columns([])),
        ("pooled", POOLED_COLUMNS),
        ("strata", STRATA_COLUMNS),
        ("integrity", FINDING_COLUMNS),
        ("checks", CHECKLIST_COLUMNS),
        ("multiplicity", ACROSS_LOCI_COLUMNS),
        ("credibility", CREDIBILITY_COLUMNS),
        ("verdict", VERDICT_COLUMNS),
        ("small_study", SMALL_STUDY_COLUMNS),
        ("metaregression", METAREGRESSION_COLUMNS),
    ],
)
def test_every_column_is_documented_in_its_order(table, columns):
    page = (DOCS / "results.md").read_text()
    text = page.split(f"**`{table}.tsv`**: ")[1].split("\n\n")[0]
    without_values = re.sub(r"\([^)]*\)", "", text)
    assert re.findall(r"`(\w+)`", without_values) == list(columns)


def test_the_pages_list_every_conclusion():
    method = (DOCS / "method.md").read_text().split("**The statement** begins")[1]
    rules = method.split("*Chance may explain it*")[0]
    named = re.findall(r"^\| (`.*?`) \|", rules, re.MULTILINE)
    assert {name for cell in named for name in re.findall(r"`(\w+)`", cell)} == set(CONCLUSIONS)
    listed = (DOCS / "results.md").read_text().split("[conclusion](method.md#the-verdict): ")[1]
    assert tuple(re.findall(r"`(\w+)`", listed.split("; its")[0])) == CONCLUSIONS


def test_the_page_lists_every_diagnostic_and_which_are_standard():
    page = (DOCS / "configuration.md").read_text().split("## Diagnostics\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \| (yes)? ?\|", page, re.MULTILINE)
    assert tuple(name for name, _ in listed) == FULL
    assert tuple(name for name, standard in listed if standard) == STANDARD
