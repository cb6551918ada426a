"""One row for each sample: counts, alleles by status, and the distribution of the score."""

import csv
import json
import sys

COUNTS = ("records", "alleles", "shards", "seconds")
FIGURES = ("scored", "min", "q05", "median", "q95", "max")


def main(samples, paths, output):
    summaries = []
    for path in paths:
        with open(path) as file:
            summaries.append(json.load(file))
    statuses = sorted({status for summary in summaries for status in summary["statuses"]})
    with open(output, "w", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(("sample", *COUNTS, *statuses, *FIGURES))
        for sample, summary in zip(samples, summaries, strict=True):
            counts = [summary[key] for key in COUNTS]
            by_status = [summary["statuses"].get(status, 0) for status in statuses]
            table.writerow([sample, *counts, *by_status, *(summary.get(key, ".") for key in FIGURES)])


with open(snakemake.log[0], "w") as sys.stderr:
    main(snakemake.params.samples, snakemake.input, snakemake.output[0])
