#!/usr/bin/env python3
"""Times the version and the changelog of one topology in a repository with a long history.

    tests/bench/history.py [--commits N] [--topologies N] [--runs N]

The repository is made anew under target/bench: each commit changes a function of one topology, in turn, and every
hundredth commit of a topology's is a version. It reports and judges nothing.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import measure

START = 1_700_000_000
"""When the first commit is made, in seconds since 1970; the others follow a minute apart."""


def stream(topologies: int, commits: int):
    """The history as `git fast-import` reads it."""

    def file(path: str, text: str) -> str:
        return f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"

    def commit(number: int, message: str, body: str) -> str:
        who = f"Ann <ann@example.com> {START + 60 * number} +0000"
        return f"commit refs/heads/main\ncommitter {who}\ndata {len(message)}\n{message}\n{body}\n"

    first = [
        file(f"services/svc{n:03}/topology.yml", f"name: svc{n:03}\nroutes:\n  /svc{n:03}: {{function: greet, method: GET}}\n")
        + file(f"services/svc{n:03}/greet/handler.py", handler(0))
        + file(f"services/svc{n:03}/greet/function.json", '{"runtime": {"timeout": 10}}\n')
        for n in range(topologies)
    ]
    yield commit(0, "feat: begin", "".join(first))
    released = [0] * topologies
    for number in range(1, commits):
        which, change = number % topologies, number // topologies
        path = f"services/svc{which:03}/greet"
        body = file(f"{path}/handler.py", handler(number))
        if change % 5 == 4:
            body += file(f"{path}/function.json", f'{{"runtime": {{"timeout": {10 + change}}}}}\n')
        kind = ("feat", "fix", "chore")[number % 3]
        yield commit(number, f"{kind}(svc{which:03}): change {number}", body)
        if change % 10 == 9:
            released[which] += 1
            yield f"reset refs/tags/svc{which:03}-0.{released[which]}.0\nfrom refs/heads/main\n\n"


def handler(number: int) -> str:
    return f'def handler(event, context):\n    return {{"number": {number}}}\n'


def make(root: Path, topologies: int, commits: int) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", root], check=True)
    importer = subprocess.Popen(["git", "-C", root, "fast-import", "--quiet"], stdin=subprocess.PIPE, text=True)
    for part in stream(topologies, commits):
        importer.stdin.write(part)
    importer.stdin.close()
    if importer.wait() != 0:
        raise SystemExit("git fast-import failed")
    subprocess.run(["git", "-C", root, "checkout", "--quiet", "-f", "main"], check=True)


def timed(command: list, cwd: Path, runs: int) -> tuple[float, str]:
    """The median of the elapsed seconds, and what is printed."""
    times = []
    for _ in range(runs):
        begun = time.monotonic()
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
        times.append(time.monotonic() - begun)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
    return statistics.median(times), done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--topologies", type=int, default=200)
    parser.add_argument("--runs", type=int, default=11)
    arguments = parser.parse_args()
    tc, _, _ = measure.build()
    root = measure.WORK / "history"
    make(root, arguments.topologies, arguments.commits)
    name = f"svc{arguments.topologies // 2:03}"
    git = [
        ("git log of its directory", ["git", "log", "--format=%H %s", "--", f"services/{name}"]),
        ("git for-each-ref of its reachable tags", ["git", "for-each-ref", "--merged=HEAD", f"refs/tags/{name}-*"]),
    ]
    ours = [
        ("version", ["tc", "compile", f"services/{name}", "--emit", "ir"]),
        ("changelog since the last version", ["tc", "diff", "--changelog", "--service", name]),
        ("changelog between two versions", ["tc", "diff", "--changelog", "--service", name, "--between", "0.1.0..0.4.0"]),
    ]
    print(f"{arguments.commits} commits, {arguments.topologies} topologies\n")
    print("| what | elapsed |\n|---|---:|")
    for title, command in ours + git:
        command = [str(tc) if command[0] == "tc" else command[0], *command[1:]]
        seconds, _ = timed(command, root, arguments.runs)
        print(f"| {title} | {seconds * 1e3:.0f} ms |")


if __name__ == "__main__":
    main()
