"""Resident memory of a process, from /proc/PID/smaps (proc(5))."""

from pathlib import Path
import re

from failure import Failure
from processor import children

# address, permissions, offset, device, inode, path
MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)")
PSS = re.compile(r"Pss: +(\d+) kB")


def proportional_kib(smaps: str, excluded: str) -> tuple[int, int]:
    """Sums of Pss in KiB: of all mappings but those of the file `excluded`, and of those."""
    rest, shared, path = 0, 0, ""
    for line in smaps.splitlines():
        if mapping := MAPPING.fullmatch(line):
            path = mapping[1]
        elif pss := PSS.fullmatch(line):
            if path == excluded:
                shared += int(pss[1])
            else:
                rest += int(pss[1])
    return rest, shared


def worker_mib(pid: int, table: Path) -> float:
    """Pss in MiB of the worker `pid` and of the processes that hash for it, without the mapping of the shared rate table."""
    rest, shared = proportional_kib(Path(f"/proc/{pid}/smaps").read_text(), str(table.resolve()))
    if shared == 0:
        raise Failure(f"process {pid} has no resident page of {table}: not a worker, or the table is elsewhere")
    for child in children(pid):
        rest += sum(proportional_kib(Path(f"/proc/{child}/smaps").read_text(), ""))
    return rest / 1024
