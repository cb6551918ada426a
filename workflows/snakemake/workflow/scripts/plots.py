"""Two charts: the distribution of the score, and alleles by status, of each sample."""

import json
import sys


def scores(plt, samples, summaries, field, output):
    figure, rows = plt.subplots(
        len(samples), 1, sharex=True, squeeze=False, figsize=(7, 1 + 1.6 * len(samples)), layout="constrained"
    )
    for axes, sample, summary in zip(rows[:, 0], samples, summaries, strict=True):
        bins = summary.get("bins", {"low": 0, "width": 1, "counts": []})
        edges = [bins["low"] + bins["width"] * index for index in range(len(bins["counts"]))]
        axes.bar(edges, bins["counts"], width=bins["width"], align="edge")
        axes.set_title(f"{sample} ({summary['scored']} alleles)", loc="left", fontsize="medium")
        axes.set_ylabel("alleles")
    rows[-1, 0].set_xlabel(field)
    figure.savefig(output)


def statuses(plt, samples, summaries, output):
    figure, axes = plt.subplots(figsize=(7, 1.5 + 0.4 * len(samples)), layout="constrained")
    left = [0] * len(samples)
    for status in sorted({status for summary in summaries for status in summary["statuses"]}):
        widths = [summary["statuses"].get(status, 0) for summary in summaries]
        axes.barh(samples, widths, left=left, label=status)
        left = [start + width for start, width in zip(left, widths)]
    axes.invert_yaxis()
    axes.set_xlabel("alleles")
    figure.legend(loc="outside upper center", ncols=4, fontsize="small")
    figure.savefig(output)


def main(samples, paths, field, output):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "hyenadna"  # the same file from the same scores
    import matplotlib.pyplot as plt

    summaries = []
    for path in paths:
        with open(path) as file:
            summaries.append(json.load(file))
    scores(plt, samples, summaries, field, output.scores)
    statuses(plt, samples, summaries, output.statuses)


with open(snakemake.log[0], "w") as sys.stderr:
    main(snakemake.params.samples, snakemake.input, snakemake.params.field, snakemake.output)
