rule join_loci:
    input:
        **{name: of_all_loci(f"{name}.tsv") for name in JOINED_DIAGNOSTICS},
        tables=all_tables(),
        pooled=of_all_loci("pooled.tsv"),
        strata=of_all_loci("strata.tsv"),
        hwe=of_all_loci("hwe.tsv"),
        estimates=of_all_loci("estimates.tsv"),
        account=of_all_loci("account.tsv"),
        lengths=of_all_loci("lengths.tsv"),
        length_trend=of_all_loci("length_trend.tsv"),
        findings=of_all_loci("integrity.tsv"),
    output:
        **{name: f"{RESULTS}/{name}.tsv" for name in JOINED_DIAGNOSTICS},
        studies=f"{RESULTS}/studies.tsv",
        estimates=f"{RESULTS}/estimates.tsv",
        integrity=f"{RESULTS}/integrity.tsv",
        checks=f"{RESULTS}/checks.tsv",
        hwe=f"{RESULTS}/hwe.tsv",
        pooled=f"{RESULTS}/pooled.tsv",
        strata=f"{RESULTS}/strata.tsv",
        account=f"{RESULTS}/account.tsv",
        lengths=f"{RESULTS}/lengths.tsv",
        length_trend=f"{RESULTS}/length_trend.tsv",
        settings=f"{RESULTS}/settings.tsv",
    log:
        f"{RESULTS}/logs/join_loci.log",
    conda:
        "../../environment.yml"
    params:
        source=os.path.relpath(SOURCE),
        config=configuration,
        code=code_hash(
            "studies",
            "studies/raw",
            "association",
            "pooling",
            "diagnostics",
            "diagnostics/integrity",
            "diagnostics/tables",
        ),
    message:
        "Joining the tables of all loci"
    script:
        "../scripts/join_loci.py"
