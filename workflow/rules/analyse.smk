rule analyse_locus:
    input:
        tables=tables_of_locus,
        truth=truth_table(),
    output:
        effects=f"{RESULTS}/{{locus}}/effects.tsv",
        pooled=f"{RESULTS}/{{locus}}/pooled.tsv",
        strata=f"{RESULTS}/{{locus}}/strata.tsv",
        counts_only=f"{RESULTS}/{{locus}}/pooled_counts_only.tsv",
        hwe=f"{RESULTS}/{{locus}}/hwe.tsv",
        estimates=f"{RESULTS}/{{locus}}/estimates.tsv",
        account=f"{RESULTS}/{{locus}}/account.tsv",
        lengths=f"{RESULTS}/{{locus}}/lengths.tsv",
        length_trend=f"{RESULTS}/{{locus}}/length_trend.tsv",
        length_strata=f"{RESULTS}/{{locus}}/length_strata.tsv",
        length_effects=f"{RESULTS}/{{locus}}/length_effects.tsv",
        length_distribution=f"{RESULTS}/{{locus}}/length_distribution.tsv",
        findings=f"{RESULTS}/{{locus}}/integrity.tsv",
        list_of_figures=f"{RESULTS}/{{locus}}/figures.tsv",
        figures=update(directory(f"{RESULTS}/{{locus}}/figures")),
    log:
        f"{RESULTS}/logs/{{locus}}.log",
    conda:
        "../../environment.yml"
    params:
        settings=settings_of_locus,
        names=names_of_locus,
        code=code_hash(
            "studies", "association", "pooling", "diagnostics", "diagnostics/integrity", "figures"
        ),
    message:
        "Pooling {wildcards.locus} and drawing its figures"
    script:
        "../scripts/analyse_locus.py"
