"""What a program costs: CPU seconds and peak memory of a process and all it waited for."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "target"
WORK = TARGET / "bench"


@dataclass
class Cost:
    """Medians over some runs."""

    cpu: float
    """User and system time in seconds."""
    memory: float
    """Peak resident set in MiB. Never less than the interpreter's own, about 10 MiB: Linux counts what a process was
    before it became another program."""
    spread: float
    """The middle half of the CPU times, as a share of their median: how much the machine's noise says."""


class Failed(Exception):
    """A program ended with an error; its output."""


def run(command: list, cwd: Path | None = None, env: dict | None = None) -> tuple[float, float]:
    """CPU seconds and peak MiB of one run. Programs that it starts and waits for are counted."""
    log = WORK / "output.txt"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env=env, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(log.read_text(errors="replace"))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cost(command: list, runs: int, before=lambda: None, **options) -> Cost:
    """Medians of `runs` runs after one that warms the files, each after a call of `before`."""
    samples = []
    for _ in range(runs + 1):
        before()
        samples.append(run(command, **options))
    return medians(samples[1:])


def in_turn(commands: list, runs: int) -> list[Cost]:
    """The costs of some programs that are run turn by turn, so that all see the same machine. Each command is made of the
    number of the run; the first run warms the files."""
    samples = [[run(command(number)) for command in commands] for number in range(runs + 1)]
    return [medians(list(of_one)) for of_one in zip(*samples[1:])]


def medians(samples: list[tuple[float, float]]) -> Cost:
    """The medians of CPU seconds and MiB."""
    times = [time for time, _ in samples]
    middle = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
    median = statistics.median(times)
    memory = statistics.median(peak for _, peak in samples)
    return Cost(median, memory, (middle[2] - middle[0]) / median if median else 0.0)


def remove(path: Path) -> None:
    """Removes a directory, if it is there."""
    shutil.rmtree(path, ignore_errors=True)


def build() -> tuple[Path, Path, Path]:
    """The programs tc, floor and generate, built with optimisation from the present sources."""
    subprocess.run(["cargo", "build", "--release", "--quiet", "--workspace", "--bins"], cwd=ROOT, check=True)
    release = TARGET / "release"
    return release / "tc", release / "floor", release / "generate"
