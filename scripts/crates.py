"""What scripts/sbom and scripts/licenses ask cargo: the crates of Cargo.lock, and which are in the binary."""

import json
import os
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TARGET = "x86_64-unknown-linux-gnu"


def metadata(*options):
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--locked", "--format-version", "1", *options]
    return json.loads(subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE).stdout)


def expression(crate):
    """The licence as an SPDX expression: older manifests write '/' for OR."""
    return " OR ".join(part.strip() for part in (crate["license"] or "").split("/"))


def load():
    """Returns hyenadna's id, all crates by id, the ids of those in the binary, and the dependencies of each."""
    everything = metadata()
    root = everything["resolve"]["root"]
    crates = {crate["id"]: crate for crate in everything["packages"]}
    graph = {node["id"]: sorted(node["dependencies"]) for node in everything["resolve"]["nodes"]}
    return root, crates, shipped(root), graph


def shipped(root):
    """Crates that code of the binary refers to: no tests, no build scripts, no other platforms."""
    nodes = {node["id"]: node for node in metadata("--filter-platform", TARGET)["resolve"]["nodes"]}
    seen, todo = set(), [root]
    while todo:
        crate = todo.pop()
        if crate not in seen:
            seen.add(crate)
            todo += [dep["pkg"] for dep in nodes[crate]["deps"]
                     if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    return seen
