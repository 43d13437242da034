# From study tables to pooled odds ratios, forest plots and a report.
#
# `snakemake` makes everything; the rules are in workflow/rules, what they compute in src/genopool.
from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/join.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/check.smk"


rule all:
    default_target: True
    input:
        f"{RESULTS}/report.html",
        f"{RESULTS}/manifest.tsv",
        all_tables_made(),
        of_all_loci("figures"),
