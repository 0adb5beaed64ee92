#!/usr/bin/env python3
"""Deploys one topology of 300 functions, which is a root and nested stacks, to the local AWS, beside the same functions as
topologies small enough for a stack each, one after the other, and prints elapsed times.

    tests/bench/nested.py [--size N] [--each N]

It reports and judges nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path

import compare
import deploy
import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--each", type=int, default=38, help="functions of a topology that is one stack")
    arguments = parser.parse_args()
    tc, _, generate = measure.build()
    root = measure.WORK / "nested"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    port = deploy.free_port()
    env = compare.environment() | {"XDG_CACHE_HOME": str(measure.WORK / "cache")}
    env = {key: value for key, value in env.items() if not key.startswith("AWS_")}
    subprocess.run([tc, "local", "start", "--port", str(port)], env=env, check=True, stdout=subprocess.DEVNULL)
    try:
        measure_all(tc, generate, root, f"http://127.0.0.1:{port}", env, arguments.size, arguments.each)
    finally:
        subprocess.run([tc, "local", "stop", "--port", str(port)], env=env, check=True, stdout=subprocess.DEVNULL)


def topology(generate: Path, directory: Path, size: int, name: str, endpoint: str) -> Path:
    """A topology of so many functions under a name of its own."""
    subprocess.run([generate, str(size), directory], check=True)
    text = (directory / "topology.yml").read_text()
    (directory / "topology.yml").write_text(text.replace("name: bench\n", f"name: {name}\n", 1))
    (directory / "tc.yml").write_text(
        f"environments:\n  local: {{endpoint: '{endpoint}', region: us-west-2, account: '111111111111'}}\n"
    )
    return directory


def measure_all(tc: Path, generate: Path, root: Path, endpoint: str, env: dict, size: int, each: int) -> None:
    sandbox = ["-s", "bob", "-e", "local", "--yes"]
    whole = topology(generate, root / "whole", size, "whole", endpoint)
    parts = [
        topology(generate, root / f"part{start}", min(each, size - start), f"part{start}", endpoint)
        for start in range(0, size, each)
    ]

    def both(words: list) -> tuple[float, float]:
        nested = deploy.elapsed([tc, words[0], whole, *sandbox, *words[1:]], root, env)
        flat = sum(deploy.elapsed([tc, words[0], part, *sandbox, *words[1:]], root, env) for part in parts)
        return nested, flat

    rows = {"create": both(["create"])}
    for source in [whole, parts[0]]:
        deploy.handler(source, 1)
    rows["update, of one function"] = (
        deploy.elapsed([tc, "update", whole, *sandbox], root, env),
        deploy.elapsed([tc, "update", parts[0], *sandbox], root, env),
    )
    rows["update, nothing to do"] = both(["update"])
    rows["delete"] = both(["delete"])
    print(f"| {size} functions | one topology, nested stacks | {len(parts)} topologies, flat stacks |\n|---|---:|---:|")
    for title, (nested, flat) in rows.items():
        print(f"| {title} | {nested:.1f} s | {flat:.1f} s |")


if __name__ == "__main__":
    os.umask(0o022)
    main()
