"""The package as such: light to import, every public name documented."""

import inspect
import subprocess
import sys

import pytest

import genopool

HEAVY = ("pandas", "scipy.stats", "scipy.optimize", "statsmodels", "matplotlib", "snakemake")


def imported_by(statement):
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_is_free():
    assert not {"numpy", *HEAVY} & imported_by("import genopool")


def test_pooling_imports_nothing_heavy():
    statement = "import genopool; genopool.pool([0.1, 0.2], [0.1, 0.1])"
    assert not set(HEAVY) & imported_by(statement)


def test_reading_tables_needs_no_numerics():
    """The workflow reads them on every start, `snakemake -n` included."""
    statement = "import genopool.studies.reading, genopool.config, genopool.workflow"
    assert not {"numpy", "scipy", *HEAVY} & imported_by(statement)


@pytest.mark.parametrize("name", genopool.__all__)
def test_public_names_say_what_they_are(name):
    documentation = inspect.getdoc(getattr(genopool, name))
    assert "Parameters" in documentation and "Returns" in documentation


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'pol'"):
        genopool.pol  # noqa: B018
