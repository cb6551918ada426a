rule summarise:
    input:
        vcf="results/{sample}/scored.vcf.gz",
        shards=shards_of("json"),
    output:
        "results/{sample}/summary.json",
    log:
        "logs/summarise/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        prefix=config["info_prefix"],
        field=config["field"],
    script:
        "../scripts/summarise.py"


rule table:
    input:
        expand("results/{sample}/summary.json", sample=SAMPLES),
    output:
        report("results/summary.tsv", caption="../report/summary.rst", category="Summary"),
    log:
        "logs/table.log",
    conda:
        "../envs/python.yaml"
    params:
        samples=list(SAMPLES),
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
    conda:
        "../envs/matplotlib.yaml"
    params:
        samples=list(SAMPLES),
        field=config["field"],
    script:
        "../scripts/plots.py"
