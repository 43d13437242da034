# `snakemake check` prints what there is to say about the input, and analyses nothing. Errors are found
# while the rules are read (common.smk), and stop it there.
rule check:
    input:
        tables=all_tables(),
    log:
        f"{RESULTS}/logs/check.log",
    conda:
        "../../environment.yml"
    params:
        source=os.path.relpath(SOURCE),
        config=configuration,
    message:
        "Checking the study tables"
    script:
        "../scripts/check.py"
