#!/usr/bin/env python3
"""Times tc as a process, on topologies of some sizes, against a program that only reads, hashes, deflates and writes the
same bytes (tests/src/bin/floor.rs).

    tests/bench/process.py [--runs N] [--out DIRECTORY] [SIZE ...]

CPU is user and system time of all threads. The two take turns, and each run writes a directory of its own, which is
removed only when all is measured: Linux's ext4 searches long for the places of new files where others were removed in
the seconds before, and what it spends then is more than the programs do. DIRECTORY may be on a disk or in memory. It
reports and judges nothing: machines differ, ratios do not so much.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--out", type=Path, default=measure.WORK, metavar="DIRECTORY", help="where the outputs go")
    parser.add_argument("sizes", nargs="*", type=int, default=[3, 100, 1000], metavar="SIZE")
    arguments = parser.parse_args()
    programs = measure.build()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    print("| functions | tc CPU | a function | tc peak | floor CPU | tc / floor | spread |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(dir=arguments.out) as out:
        for size in arguments.sizes:
            compare(programs, size, arguments.runs, Path(out) / str(size))


def compare(programs: tuple[Path, Path, Path], size: int, runs: int, out: Path) -> None:
    """Prints the line of one size. `out` is made."""
    tc, floor, generate = programs
    source, reference = measure.WORK / f"tc-{size}", out / "reference"
    measure.run([generate, size, source])
    out.mkdir()
    measure.run([tc, "compile", source, "-o", reference])
    whole, least = measure.in_turn(
        [
            lambda number: [tc, "compile", source, "-o", out / f"tc-{number}"],
            lambda number: [floor, source, reference, out / f"floor-{number}"],
        ],
        runs,
    )
    print(
        f"| {size} | {whole.cpu * 1e3:.1f} ms | {whole.cpu / size * 1e6:.0f} µs | {whole.memory:.0f} MiB "
        f"| {least.cpu * 1e3:.1f} ms | {whole.cpu / least.cpu:.2f} | ±{whole.spread * 50:.0f} % |"
    )


if __name__ == "__main__":
    main()
