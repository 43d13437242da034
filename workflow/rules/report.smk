rule report:
    input:
        configuration=os.path.relpath(SOURCE),
        tables=all_tables(),
        published=[os.path.relpath(PROJECT.published)] if PROJECT.published else [],
        truth=truth_table(),
        joined=[
            f"{RESULTS}/{name}.tsv"
            for name in (
                "studies estimates integrity checks hwe pooled strata account lengths "
                "length_trend"
            ).split()
            + JOINED_DIAGNOSTICS
        ],
        effects=of_all_loci("effects.tsv"),
        counts_only=of_all_loci("pooled_counts_only.tsv"),
        hwe_pooled=of_all_loci("hwe_pooled.tsv"),
        length_effects=of_all_loci("length_effects.tsv"),
        diagnostics=[p for name in DIAGNOSTIC_TABLES for p in of_all_loci(f"{name}.tsv")],
        figures=of_all_loci("figures"),
    output:
        report=f"{RESULTS}/report.html",
        manifest=update(f"{RESULTS}/manifest.tsv"),
    log:
        f"{RESULTS}/logs/report.log",
    conda:
        "../../environment.yml"
    params:
        config=configuration,
        made=all_tables_made(),
        code=code_hash(
            "studies",
            "studies/raw",
            "association",
            "pooling",
            "diagnostics",
            "diagnostics/integrity",
            "diagnostics/tables",
            "figures",
            "report",
        ),
    message:
        "Writing the report"
    script:
        "../scripts/report.py"
