"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

from genopool import results
from genopool.association.equilibrium import HWE_COLUMNS
from genopool.config import load
from genopool.diagnostics.integrity.checklist import CHECKLIST_COLUMNS
from genopool.pooling.strata_tables import STRATA_COLUMNS
from genopool.pooling.tables import POOLED_COLUMNS
from genopool.results import columns_with
from genopool.studies.findings import FINDING_COLUMNS, errors
from genopool.studies.reading import read_studies

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name, language):
    return [text for kind, text in BLOCK.findall((DOCS / name).read_text()) if kind == language]


@pytest.mark.parametrize("table", blocks("tables.md", "csv"))
def test_every_example_table_is_read(table, repository, make_project):
    config = (repository / "config.yaml").read_text().replace("published:", "# published:")
    tables = read_studies(make_project({"a.csv": table}, config))
    assert not errors(tables.findings)
    assert sum(len(row.rows) for row in tables.rows) == len(table.splitlines()) - 1


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
        ("effects", results.effect_columns([])),
        ("pooled", POOLED_COLUMNS),
        ("strata", STRATA_COLUMNS),
        ("integrity", FINDING_COLUMNS),
        ("checks", CHECKLIST_COLUMNS),
    ],
)
def test_every_column_is_documented_in_its_order(table, columns):
    page = (DOCS / "results.md").read_text()
    text = page.split(f"**`{table}.tsv`**: ")[1].split("\n\n")[0]
    without_values = re.sub(r"\([^)]*\)", "", text)
    assert re.findall(r"`(\w+)`", without_values) == list(columns)
