import csv


def read_samples(path):
    """VCF of each sample, in the order of the sheet."""
    samples = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            row = {key: value for key, value in row.items() if key and value}
            validate(row, "../schemas/samples.schema.yaml")
            if row["sample"] in samples:
                raise WorkflowError(f"{path}: sample {row['sample']} is there twice")
            samples[row["sample"]] = row["vcf"]
    if not samples:
        raise WorkflowError(f"{path}: no samples")
    return samples


def shards_of(suffix):
    """The files with a suffix of all shards of a sample, in order."""
    return expand(
        "results/{{sample}}/shards/{shard}-of-{shards}.{suffix}",
        shard=range(1, config["shards"] + 1),
        shards=config["shards"],
        suffix=suffix,
    )


SAMPLES = read_samples(config["samples"])


wildcard_constraints:
    sample=r"[0-9A-Za-z._-]+",
    shard=r"[0-9]+",
    shards=r"[0-9]+",
