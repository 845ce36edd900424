"""How the workers share the processor with others (sched(7)): what answers interrupts nobody, and a hash holds up nobody."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import contract
from guesses import guess
from wait import until
from workers import is_running

NICENESS = 10
GROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")


def standing(stat: Path) -> tuple[int, int]:
    """Policy and niceness of a thread or process (proc(5), fields 41 and 19)."""
    fields = stat.read_text().rpartition(")")[2].split()
    return int(fields[41 - 3]), int(fields[19 - 3])


def answering(stack) -> set[tuple[int, int]]:
    """The standings of both workers' threads that answer requests."""
    stats = [stat for pid in stack.workers.pids() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return {standing(stat) for stat in stats if re.search(r"\(fast-\d+\)", stat.read_text())}


def test_threads_that_answer_interrupt_nobody_but_while_a_password_is_hashed(stack, new_client, user):
    quiet = {(os.SCHED_BATCH, 0)}
    until(lambda: answering(stack) == quiet, 10, "the workers to be at rest")
    client, seen = new_client(), set()
    with ThreadPoolExecutor(1) as pool:
        logins = pool.submit(lambda: [client.login(user.email, guess()).status_code for _ in range(4)])
        while not logins.done():
            seen |= answering(stack)
        assert logins.result() == [401] * 4
    # The threads of the worker that hashes, one after the other; those of the other one stay as they are.
    assert seen == quiet | {(os.SCHED_OTHER, 0)}
    until(lambda: answering(stack) == quiet, 10, "the workers to be at rest again")


def test_passwords_are_hashed_in_processes_with_a_small_share_of_their_own(stack):
    hashing = [pid for number in (1, 2) for pid in stack.workers.hashing(number)]
    assert len(hashing) >= 2
    sessions = {os.getsid(pid) for pid in [*hashing, *stack.workers.pids()]}
    assert len(sessions) == len(hashing) + 1  # both workers are in one, that of their launcher
    for pid in hashing:
        assert standing(Path(f"/proc/{pid}/stat")) == (os.SCHED_OTHER, NICENESS)
        if GROUPS.exists() and GROUPS.read_text().strip() == "1":
            assert Path(f"/proc/{pid}/autogroup").read_text().split()[-1] == str(NICENESS)
        assert Path(f"/proc/{pid}/environ").read_bytes() == b"PATH=/usr/sbin:/usr/bin:/sbin:/bin\0LC_ALL=C\0"
        assert {link.name for link in Path(f"/proc/{pid}/fd").iterdir()} == {"0", "1", "2"}


def test_a_login_is_answered_although_the_process_that_hashes_it_is_killed(stack, client, user):
    mark = stack.journal.mark()
    with ThreadPoolExecutor(1) as pool:
        login = pool.submit(lambda: client.login(user.email, user.password).status_code)
        at_work = until(stack.workers.hashing_now, 10, "the hash to begin")
        os.kill(at_work[0], signal.SIGKILL)
        assert login.result() == 200
    stack.journal.wait_for(mark, lambda event: event.name == contract.HASH_PROCESS_ENDED, contract.HASH_PROCESS_ENDED)
    assert client.login(user.email, user.password).status_code == 200


def test_processes_that_were_killed_at_rest_are_replaced_at_the_next_login(stack, client, user):
    killed = stack.workers.hashing(1)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    with stack.workers.only(1):
        for _ in killed:
            assert client.login(user.email, user.password).status_code == 200
        assert stack.workers.hashing(1) and not set(killed) & set(stack.workers.hashing(1))


@pytest.mark.ends_workers
def test_they_end_with_their_worker(stack):
    for how in (signal.SIGTERM, signal.SIGKILL):
        hashing = stack.workers.hashing(1)
        stack.workers.end(1, how)
        until(lambda: not any(map(is_running, hashing)), 10, f"them to end after {how.name}")
        until(lambda: stack.workers.hashing(1), 10, "the next worker's")
