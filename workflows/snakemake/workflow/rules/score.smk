# Shards, their scores, and the merged VCF with its index. How a sample is split stands in the two commands here only.


rule score:
    input:
        vcf=lambda wildcards: SAMPLES[wildcards.sample],
        reference=config["reference"],
    output:
        vcf=temp("results/{sample}/shards/{shard}-of-{shards}.vcf.gz"),
        summary="results/{sample}/shards/{shard}-of-{shards}.json",
    log:
        "logs/score/{sample}/{shard}-of-{shards}.log",
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        hyenadna=config["hyenadna"],
        prefix=config["info_prefix"],
        options=config["options"],
    shell:
        "{params.hyenadna} score-variants {input.vcf:q} {input.reference:q}"
        " --shard {wildcards.shard}/{wildcards.shards} --info-prefix {params.prefix} {params.options}"
        " -t {threads} --summary {output.summary:q} -o {output.vcf:q} 2> {log:q}"


rule merge:
    input:
        shards_of("vcf.gz"),
    output:
        vcf="results/{sample}/scored.vcf.gz",
        index="results/{sample}/scored.vcf.gz.tbi",
    log:
        "logs/merge/{sample}.log",
    params:
        hyenadna=config["hyenadna"],
    shell:
        "{params.hyenadna} merge {input:q} -o {output.vcf:q} --write-index 2> {log:q}"
