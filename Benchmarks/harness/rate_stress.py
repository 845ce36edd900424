"""RateStress (Tests/RateStress): Postern's decisions in place, without nginx and FastCGI between."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import shutil
import struct
import subprocess
import tempfile
import time

from failure import Failure
from processes import run
from windows import Admission

CAPACITY = 65_536  # places of the table, as shipped
CAPACITY_FOR_MILLION = 4_000_000  # half of the places is for addresses: a million of them fill half of those
# A tmpfs whose large files are mapped in pages of 2 MiB, as docs/rate-limits.md advises for a table of this size; in a mount
# namespace of its own, so nothing of the machine changes.
ON_HUGE_PAGES = ["unshare", "--mount", "sh", "-c"]
ON_HUGE_PAGES += ['mount -t tmpfs -o size=2g,huge=within_size tmpfs /dev/shm && exec "$0" "$@"']
RECORD = struct.Struct("=QQ")  # of a worker's log: rule and key, time of the admission in ns


def build(repository: Path, log: Path) -> Path:
    """Builds RateStress with the options of scripts/lib/build.sh, in the folder where quickstart builds the rest.

    With POSTERN_PROGRAMS, as for quickstart: the one in that folder.
    """
    if folder := os.environ.get("POSTERN_PROGRAMS"):
        return Path(folder) / "RateStress"
    scratch = repository / ".build-release"
    options = ["--package-path", str(repository), "--scratch-path", str(scratch), "-c", "release"]
    options += ["--static-swift-stdlib", "--explicit-target-dependency-import-check", "error"]
    log.write_text(run(["swift", "build", *options, "--product", "RateStress"], "swift build RateStress", 1800))
    return scratch / "release" / "RateStress"


def measure(program: Path, *options: str, prefix: list[str] | None = None) -> dict[str, float]:
    """One measurement by name, as RateStress prints it with --json."""
    output = run([*(prefix or []), str(program), "--json", *options], f"RateStress {options[0]}", 120)
    figures: dict[str, float] = json.loads(output)
    return figures


def decision_ns(program: Path, keys: int, capacity: int, huge_pages: bool = False) -> float:
    """One decision on one thread, 20 in a minute, keys in no order; RateStress takes the median of its rounds.

    With huge pages only as root, who may mount.
    """
    options = ["--keys", str(keys), "--capacity", str(capacity), "--limit", "20", "--window-ms", "60000"]
    figures = measure(program, "--measure", *options, prefix=ON_HUGE_PAGES if huge_pages else None)
    if figures["overflow"]:
        raise Failure(f"{figures['overflow']} decisions on {keys} keys were made by shared entries: other work")
    return figures["decision_ns"]


def pressure(program: Path, limit: int) -> dict[str, float]:
    """Four times as many keys as places under `limit` in a minute: a decision in it over one in the same table in calm, and
    the shares of honest requests that it refuses."""
    return measure(program, "--flood", "--capacity", str(CAPACITY // 4), "--limit", str(limit))


@contextmanager
def workers(program: Path, folder: Path, processes: int, limit: int) -> Iterator[None]:
    """Processes that ask for one key under `limit` in a second as fast as they can, until the block ends."""
    options = ["--worker", "--folder", str(folder), "--keys", "1", "--capacity", str(CAPACITY)]
    options += ["--limit", str(limit), "--window-ms", "1000"]
    started = [
        subprocess.Popen([str(program), *options, "--number", str(number)], stdin=subprocess.DEVNULL)
        for number in range(processes)
    ]
    try:
        yield
        if any(process.poll() is not None for process in started):
            raise Failure("a RateStress worker ended by itself")
    finally:
        for process in started:  # it has no other end
            process.kill()
            process.wait()


def flood(program: Path, processes: int, limit: int, seconds: float) -> list[Admission]:
    """Every admission of processes that ask for one key. Each has one time: the clock reading it was decided by."""
    folder = Path(tempfile.mkdtemp(prefix="postern-bench-", dir="/dev/shm"))
    try:
        with workers(program, folder, processes, limit):
            time.sleep(seconds)
        logs = [path.read_bytes() for path in folder.glob("log.*")]
        times = [moment for log in logs for _, moment in RECORD.iter_unpack(log[: len(log) // 16 * 16])]
    finally:
        shutil.rmtree(folder)
    if not times:
        raise Failure("the RateStress workers wrote down no admission")
    return [(moment, moment) for moment in times]
