"""Processor time that processes have used, from /proc/PID/stat (proc(5))."""

from collections.abc import Iterable
import os
from pathlib import Path
import resource

TICKS = os.sysconf("SC_CLK_TCK")


def used_seconds(processes: Iterable[int]) -> float:
    """User and system time of these processes so far, all their threads included."""
    return sum(ticks(Path(f"/proc/{pid}/stat").read_text()) for pid in processes) / TICKS


def ended_seconds() -> float:
    """User and system time of all children of this process that have ended and been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ticks(stat: str) -> int:
    # The second field is the program's name in parentheses and may hold spaces; utime and stime are fields 14 and 15.
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def children(pid: int) -> list[int]:
    """The processes that any thread of this one has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def with_children(pid: int) -> list[int]:
    """The process and those that it has started."""
    return [pid, *children(pid)]


def model() -> str:
    """The processor's name as the kernel tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else os.uname().machine
