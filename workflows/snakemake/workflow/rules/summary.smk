rule summarise:
    input:
        vcf="results/{sample}/scored.vcf.gz",
        shards=shards_of("json"),
    output:
        "results/{sample}/summary.json",
    log:
        "logs/summarise/{sample}.log",
    params:
        prefix=config["info_prefix"],
        field=config["field"],
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/summarise.py"


rule table:
    input:
        expand("results/{sample}/summary.json", sample=SAMPLES),
    output:
        report("results/summary.tsv", caption="../report/summary.rst", category="Summary"),
    log:
        "logs/table.log",
    params:
        samples=list(SAMPLES),
    conda:
        "../envs/python.yaml"
    script:
        "../scripts/table.py"


rule plots:
    input:
        expand("results/{sample}/summary.json", sample=SAMPLES),
    output:
        scores=report("results/scores.svg", caption="../report/scores.rst", category="Plots"),
        statuses=report("results/statuses.svg", caption="../report/statuses.rst", category="Plots"),
    log:
        "logs/plots.log",
    params:
        samples=list(SAMPLES),
        field=config["field"],
    conda:
        "../envs/matplotlib.yaml"
    script:
        "../scripts/plots.py"
