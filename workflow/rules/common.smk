# The configuration and the study tables, read once while the rules are: whatever is wrong with them
# is said here, all at once, before any job starts.
import json
import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# The package beside this workflow, here and in the scripts, whatever else is installed.
SOURCES = str(Path(workflow.basedir, "src"))
sys.path.insert(0, SOURCES)

try:
    from genopool.config import load
    from genopool.config_problems import ConfigError
    from genopool.diagnostics.choice import chosen_tables, joined_tables
    from genopool.studies.findings import errors, report_errors
    from genopool.studies.published import read_published
    from genopool.studies.reading import loci_of_files, read_studies
    from genopool.studies.truth import read_truth
    from genopool.workflow import code_hash, import_from, locus_settings, write_findings
    from genopool.yaml_file import YamlError, YamlFile
except ImportError as error:
    raise WorkflowError(
        f"{error}: run `make` to set up what genopool needs, then `.venv/bin/snakemake`"
    )

import_from(SOURCES)

# With `--configfile` that file stands alone; Snakemake would merge it into the default one.
given_configfiles = getattr(workflow, "configfiles", None)
if given_configfiles is None:
    raise WorkflowError(
        "this version of Snakemake does not tell which --configfile was given; "
        "genopool needs the version of requirements.lock"
    )
given_configfiles = [Path(path) for path in given_configfiles]
if len(given_configfiles) > 1:
    names = ", ".join(str(path) for path in given_configfiles)
    raise WorkflowError(f"one --configfile at a time: a configuration stands alone ({names})")
SOURCE = given_configfiles[0] if given_configfiles else Path("config.yaml").absolute()

if "loci" not in config and not given_configfiles:
    try:
        if not isinstance(YamlFile(SOURCE).values, dict):
            raise YamlError(f"{SOURCE.name}: expected keys and values, as `loci:`")
    except YamlError as error:
        raise WorkflowError(str(error))

    configfile: "config.yaml"


# The same folder, and so the same record of what was run with which settings, whether a project is
# named with --configfile or with --directory.
if given_configfiles:

    workdir: str(SOURCE.parent)


try:
    PROJECT = load(SOURCE, config)
except ConfigError as error:
    raise WorkflowError(str(error))

STUDIES = os.path.relpath(PROJECT.studies)
RESULTS = os.path.relpath(PROJECT.results)
TABLES = read_studies(PROJECT)
FINDINGS = [*TABLES.findings, *read_published(PROJECT)[1], *read_truth(PROJECT)[1]]
ERRORS = Path(RESULTS, "logs", "errors.tsv")
if errors(FINDINGS):
    write_findings(ERRORS, FINDINGS, simulated=PROJECT.config.simulated)
    raise WorkflowError(report_errors(FINDINGS) + f"\nAlso in {ERRORS}")
ERRORS.unlink(missing_ok=True)

LOCI = list(PROJECT.config.loci)
FILES_OF_LOCUS = loci_of_files(TABLES)


def tables_of_locus(wildcards):
    return [os.path.join(STUDIES, name) for name in FILES_OF_LOCUS.get(wildcards.locus, [])]


def settings_of_locus(wildcards):
    return locus_settings(PROJECT.config, wildcards.locus)


def names_of_locus(wildcards):
    """What the tables call the locus besides its key, as JSON."""
    names = [name[:3] for name in TABLES.locus_names if name[3] == wildcards.locus]
    return json.dumps(sorted(names))


def configuration(wildcards):
    """What was configured, as JSON. A function: braces of a plain text would be wildcards."""
    return json.dumps(config)


def truth_table():
    return [os.path.relpath(PROJECT.truth)] if PROJECT.truth else []


def all_tables():
    return [os.path.join(STUDIES, name) for name in TABLES.files]


def of_all_loci(name):
    return [f"{RESULTS}/{locus}/{name}" for locus in LOCI]


LOCUS_TABLES = (
    "effects pooled strata pooled_counts_only hwe hwe_pooled estimates account integrity figures "
    "lengths length_trend length_strata length_effects length_distribution"
).split()
DIAGNOSTIC_TABLES = list(chosen_tables(PROJECT.config.diagnostics))
JOINED_TABLES = (
    "studies estimates integrity checks hwe pooled strata account settings lengths length_trend"
).split()
JOINED_DIAGNOSTICS = list(joined_tables(PROJECT.config.diagnostics))


def all_tables_made():
    """Every table of the current run."""
    joined = [f"{RESULTS}/{name}.tsv" for name in JOINED_TABLES + JOINED_DIAGNOSTICS]
    made = LOCUS_TABLES + DIAGNOSTIC_TABLES
    return joined + [path for name in made for path in of_all_loci(f"{name}.tsv")]


wildcard_constraints:
    locus="|".join(re.escape(locus) for locus in LOCI),
