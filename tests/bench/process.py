#!/usr/bin/env python3
"""Times tc as a process, on topologies of some sizes, against a program that only reads, hashes, deflates and writes the
same bytes (tests/src/bin/floor.rs).

    tests/bench/process.py [--runs N] [SIZE ...]

CPU is user and system time of all threads; the output directory is removed before each run, so all of it is written
anew. It reports and judges nothing: machines differ, ratios do not so much.
"""

from __future__ import annotations

import argparse

import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("sizes", nargs="*", type=int, default=[3, 100, 1000], metavar="SIZE")
    arguments = parser.parse_args()
    tc, floor, generate = measure.build()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    print("| functions | tc CPU | a function | tc peak | floor CPU | tc / floor | spread |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for size in arguments.sizes:
        source = measure.WORK / f"tc-{size}"
        measure.run([generate, size, source])
        reference, out, other = (measure.WORK / name for name in ("reference", "out", "floor-out"))
        measure.remove(reference)
        measure.run([tc, "compile", source, "-o", reference])
        # Turn by turn, so that both see the same machine.
        whole = measure.cost([tc, "compile", source, "-o", out], arguments.runs, lambda: measure.remove(out))
        least = measure.cost([floor, source, reference, other], arguments.runs, lambda: measure.remove(other))
        print(
            f"| {size} | {whole.cpu * 1e3:.1f} ms | {whole.cpu / size * 1e6:.0f} µs | {whole.memory:.0f} MiB "
            f"| {least.cpu * 1e3:.1f} ms | {whole.cpu / least.cpu:.2f} | ±{whole.spread * 50:.0f} % |"
        )


if __name__ == "__main__":
    main()
