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


def with_children(pid: int) -> list[int]:
    """The process and those that its main thread has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def model() -> str:
    """The processor's name as the kernel tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else os.uname().machine
