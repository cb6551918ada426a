"""Counts and the distribution of a score of one sample: of its shards' summaries and of the merged VCF.

Fails if the merged VCF does not have the alleles that the shards counted.
"""

import array
import collections
import gzip
import json
import sys

BINS = 40


def info_of(line):
    """INFO of a record, as a dictionary of bytes."""
    fields = line.rstrip(b"\r\n").split(b"\t", 8)
    return dict(item.partition(b"=")[::2] for item in fields[7].split(b";"))


def read(path, prefix, field):
    """Statuses of all alleles, and the values of those that have one."""
    statuses, values = collections.Counter(), array.array("d")
    field, status = f"{prefix}_{field}".encode(), f"{prefix}_STATUS".encode()
    with gzip.open(path) as file:
        for line in file:
            if line.startswith(b"#"):
                continue
            info = info_of(line)
            statuses.update(info[status].decode().split(","))
            values.extend(float(value) for value in info.get(field, b".").split(b",") if value != b".")
    return statuses, values


def quantile(ordered, part):
    """The nearest rank, so that it is one of the values."""
    return ordered[round(part * (len(ordered) - 1))]


def distribution(values):
    ordered = sorted(values)
    if not ordered:
        return {"scored": 0}
    low, high = quantile(ordered, 0.01), quantile(ordered, 0.99)
    width = (high - low) / BINS or 1.0
    counts = [0] * BINS
    for value in ordered:
        counts[min(max(int((value - low) / width), 0), BINS - 1)] += 1
    return {
        "scored": len(ordered),
        "min": ordered[0],
        "q05": quantile(ordered, 0.05),
        "median": quantile(ordered, 0.5),
        "q95": quantile(ordered, 0.95),
        "max": ordered[-1],
        "bins": {"low": low, "width": width, "counts": counts},
    }


def main(vcf, shards, output, prefix, field):
    totals, counted = collections.Counter(), collections.Counter()
    for path in shards:
        with open(path) as file:
            summary = json.load(file)
        for key in ("records", "alleles", "seconds"):
            totals[key] += summary[key]
        counted.update(summary["statuses"])
    statuses, values = read(vcf, prefix, field)
    if +statuses != +counted:
        raise SystemExit(f"{vcf}: statuses {dict(statuses)}, but those of the shards are {dict(counted)}")
    totals["seconds"] = round(totals["seconds"], 3)
    result = {**totals, "shards": len(shards), "statuses": dict(sorted(counted.items())), **distribution(values)}
    with open(output, "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")


with open(snakemake.log[0], "w") as sys.stderr:
    main(
        snakemake.input.vcf,
        snakemake.input.shards,
        snakemake.output[0],
        snakemake.params.prefix,
        snakemake.params.field,
    )
