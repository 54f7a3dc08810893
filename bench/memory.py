"""What the two workers occupy after they were under load."""

from __future__ import annotations

from pathlib import Path

from bench import machine
from bench.report import Report

LIMIT_MB = 250


def measure(report: Report, pid: int) -> None:
    """Print the memory of Granian's workers below process `pid`."""
    workers = [child for child in machine.descendants(pid) if _threads(child) > 4 and "worker" not in _command(child)]
    resident = sum(_field(child, "Rss") for child in workers)
    report.value("workers counted", len(workers), "processes")
    report.value(
        "memory of the workers, shared pages counted once", sum(_field(child, "Pss") for child in workers), "MB"
    )
    report.value("memory of the workers, resident", resident, "MB", at_most=LIMIT_MB)
    everything = sum(_field(child, "Pss") for child in (pid, *machine.descendants(pid)))
    report.value("memory of all that `flask serve` starts", everything, "MB")


def _field(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1000
    return 0.0


def _threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
