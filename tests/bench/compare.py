#!/usr/bin/env python3
"""Compiles one topology by tc and by the tools that people use in its place, in one run, and prints CPU times and their
ratios to tc's. Tools that are not installed are skipped.

    tests/bench/compare.py [--install] [--runs N] [SIZE ...]

`--install` puts the tools into target/bench-tools, at the versions below, from the public package indices of Python and
Node.js. Every tool gets the same system as its own kind of project (tests/src/generate/), starts without anything of an
earlier run's output, and needs no network and no account.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import measure

TOOLS = measure.TARGET / "bench-tools"
VENV = TOOLS / "python"
NODE = TOOLS / "node_modules"
PYTHON_PACKAGES = ["aws-sam-cli==1.170.0", "chalice==1.34.0"]
NODE_PACKAGES = ["aws-cdk@2.1148.1", "aws-cdk-lib@2.276.0", "constructs@10.8.1", "osls@4.3.1"]


@dataclass
class Tool:
    """A tool, and what of it is measured."""

    name: str
    """As the generator knows it."""
    title: str
    program: Path
    arguments: list[str]
    output: str
    """Its output directory in the project."""


ALL = [
    Tool("cdk", "cdk synth", NODE / ".bin/cdk", ["synth", "--quiet", "--no-notices"], "cdk.out"),
    Tool("sam", "sam build", VENV / "bin/sam", ["build"], ".aws-sam"),
    Tool("osls", "osls package", NODE / ".bin/osls", ["package"], ".serverless"),
    Tool("chalice", "chalice package", VENV / "bin/chalice", ["package", "--merge-template", "flow.json", "out"], "out"),
]


def install() -> None:
    """Installs all tools into the workspace's target directory."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    python = next((name for name in ("python3.11", "python3") if which(name)), sys.executable)
    subprocess.run([python, "-m", "venv", VENV], check=True)
    subprocess.run([VENV / "bin/pip", "install", "--quiet", *PYTHON_PACKAGES], check=True)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", TOOLS, *NODE_PACKAGES], check=True)


def which(name: str) -> bool:
    """Whether there is a program of this name."""
    return any(os.access(Path(part) / name, os.X_OK) for part in os.environ["PATH"].split(os.pathsep))


def environment() -> dict[str, str]:
    """What the tools see: no account, no telemetry, no home of anybody's."""
    home = measure.WORK / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "NODE_PATH": str(NODE),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "SLS_NOTIFICATIONS_MODE": "off",
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CI": "true",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("sizes", nargs="*", type=int, default=[3, 40, 100], metavar="SIZE")
    arguments = parser.parse_args()
    if arguments.install:
        install()
    tc, _, generate = measure.build()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    # First, and a directory for each run, for the reason that process.py gives.
    with tempfile.TemporaryDirectory(dir=measure.WORK) as out:
        compiles = [(size, compile_cost(tc, generate, size, Path(out) / str(size))) for size in arguments.sizes]
    for size, ours in compiles:
        print(f"\n{size} functions\n\n| command | CPU | peak | times tc |\n|---|---:|---:|---:|")
        print(f"| tc compile | {ours.cpu:.4f} s | {ours.memory:.0f} MiB | 1 |")
        for tool in ALL:
            print(row(tool, size, arguments.runs, ours, generate), flush=True)


def compile_cost(tc: Path, generate: Path, size: int, out: Path) -> measure.Cost:
    """What `tc compile` takes. `out` is made."""
    source = measure.WORK / f"tc-{size}"
    measure.run([generate, size, source])
    out.mkdir()
    [cost] = measure.in_turn([lambda number: [tc, "compile", source, "-o", out / str(number)]], 9)
    return cost


def row(tool: Tool, size: int, runs: int, ours: measure.Cost, generate: Path) -> str:
    """A line of the table."""
    if not tool.program.exists():
        return f"| {tool.title} | not installed | | |"
    project = measure.WORK / f"{tool.name}-{size}"
    measure.run([generate, size, project, tool.name])
    command = [tool.program, *tool.arguments]
    try:
        theirs = measure.cost(
            command, runs, lambda: measure.remove(project / tool.output), cwd=project, env=environment()
        )
    except measure.Failed as failure:
        last = str(failure).strip().splitlines()[-1:] or ["no output"]
        return f"| {tool.title} | failed: {last[0][:100]} | | |"
    return f"| {tool.title} | {theirs.cpu:.2f} s | {theirs.memory:.0f} MiB | {theirs.cpu / ours.cpu:.0f} |"


if __name__ == "__main__":
    main()
