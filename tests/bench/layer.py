#!/usr/bin/env python3
"""What layers cost: packing a site-packages of some 250 MB by tc's writer and by other programs, and a build of which
nothing has changed.

    tests/bench/layer.py [--runs N] [--tc PROGRAM]

Installs the wheels below target/bench on first use. Programs that are not there are left out and said. CPU is user and
system time of all threads. It reports and judges nothing: machines differ, ratios do not so much.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import measure

WHEELS = ["scipy==1.17.1", "scikit-learn==1.9.1", "pandas==3.1.1", "numpy==2.4.6"]

ZIPFILE = """
import os, sys, zipfile
root, out = sys.argv[1:]
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            archive.write(path, os.path.relpath(path, root))
"""


def tree() -> Path:
    """The tree, with all that the wheels need."""
    root, complete = measure.WORK / "site-packages", measure.WORK / "site-packages.complete"
    if not complete.exists():
        measure.remove(root)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        pip += ["--no-warn-conflicts", "--root-user-action=ignore"]
        platforms = [word for tag in ("2_17", "2_28") for word in ("--platform", f"manylinux_{tag}_x86_64")]
        platforms += ["--platform", "manylinux2014_x86_64"]
        pip += ["--python-version", "3.12", *platforms, "--only-binary=:all:", "--target", root / "python"]
        subprocess.run([*pip, *WHEELS], check=True)
        complete.touch()
    return root


def packing(runs: int) -> None:
    """Prints what packing costs."""
    root = tree()
    subprocess.run(
        ["cargo", "build", "--release", "--quiet", "--workspace", "--bin", "pack"], cwd=measure.ROOT, check=True
    )
    pack = measure.TARGET / "release" / "pack"
    files = [path for path in root.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {total / 1e6:.1f} MB\n")
    out = measure.WORK / "packed.zip"
    threads = os.cpu_count() or 1
    programs = [("tc, 1 thread", [pack, root, out, 1], None)]
    if threads > 1:
        programs.append((f"tc, {threads} threads", [pack, root, out, threads], None))
    for level in ("-9", "-6"):
        programs.append((f"`zip {level}`", ["zip", level, "-q", "-r", "-X", out, "."], root))
    programs.append(("`7zz a -tzip -mx=5`", ["7zz", "a", "-tzip", "-mx=5", "-bd", out, "."], root))
    programs.append(("Python's zipfile, level 9", [sys.executable, "-S", "-c", ZIPFILE, root, out], None))
    least = None
    print("| | CPU | zip | CPU against tc |")
    print("|---|---:|---:|---:|")
    for name, command, directory in programs:
        if shutil.which(str(command[0])) is None:
            print(f"| {name} | not installed | | |")
            continue
        cost = measure.cost(command, runs, lambda: out.unlink(missing_ok=True), cwd=directory)
        least = least or cost.cpu
        print(f"| {name} | {cost.cpu:.2f} s | {out.stat().st_size / 1e6:.2f} MB | {cost.cpu / least:.1f} |")


def unchanged(tc: Path, runs: int) -> None:
    """Prints what a build costs of which nothing has changed."""
    project = measure.WORK / "unchanged"
    measure.remove(project)
    (project / "etl/small").mkdir(parents=True)
    (project / "etl/large").mkdir(parents=True)
    (project / ".git").mkdir()
    (project / "etl/topology.yml").write_text("name: etl\n")
    for name, wheels in [("small", ["requests"]), ("large", WHEELS)]:
        directory = project / "etl" / name
        (directory / "handler.py").write_text("def handler(event, context):\n    return {}\n")
        (directory / "function.json").write_text('{"runtime": {"lang": "python3.12"}}\n')
        (directory / "requirements.txt").write_text("\n".join(wheels) + "\n")
    print("\n| | zip | time | CPU |")
    print("|---|---:|---:|---:|")
    for name in ("small", "large"):
        build = [tc, "build", project / "etl", "--name", name]
        measure.run(build)
        size = sum(path.stat().st_size for path in (project / "etl/.tc/layers").glob(f"etl-{name}*.zip"))
        times = []
        for _ in range(runs):
            begin = time.perf_counter()
            measure.run(build)
            times.append(time.perf_counter() - begin)
        cost = measure.cost(build, runs)
        print(f"| {name} | {size / 1e6:.1f} MB | {statistics.median(times) * 1e3:.0f} ms | {cost.cpu * 1e3:.0f} ms |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tc", type=Path, help="measure this program, and do not build it")
    arguments = parser.parse_args()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    packing(arguments.runs)
    unchanged(arguments.tc or measure.build()[0], arguments.runs)


if __name__ == "__main__":
    main()
