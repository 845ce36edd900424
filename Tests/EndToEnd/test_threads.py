"""How the workers' threads share the processor (sched(7)): what answers interrupts nobody, what hashes gives way."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from guesses import guess
from wait import until

IDLE = 5  # linux/sched.h; the os module has the others
NICENESS = 10


def standings(stack, name: str) -> set[tuple[int, int]]:
    """Policy and niceness of the threads with that name and a number, of both workers (proc(5), fields 41 and 19)."""
    found = set()
    for pid in stack.workers.pids():
        for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
            thread, _, rest = stat.read_text().rpartition(")")
            if re.search(rf"\({name}-\d+$", thread):
                fields = rest.split()
                found.add((int(fields[41 - 3]), int(fields[19 - 3])))
    return found


def test_threads_that_answer_interrupt_nobody(stack):
    assert standings(stack, "fast") == {(os.SCHED_BATCH, 0)}


def test_a_hash_gives_way_to_everybody_and_its_thread_comes_back(stack, new_client, user):
    nice = (os.SCHED_OTHER, NICENESS)
    until(lambda: standings(stack, "hash") == {nice}, 10, "hash threads to be at rest")
    client, seen = new_client(), set()
    with ThreadPoolExecutor(1) as pool:
        logins = pool.submit(lambda: [client.login(user.email, guess()).status_code for _ in range(4)])
        while not logins.done():
            seen |= standings(stack, "hash")
        assert logins.result() == [401] * 4
    assert seen == {nice, (IDLE, NICENESS)}
    until(lambda: standings(stack, "hash") == {nice}, 10, "every hash thread to be back")


def test_the_workers_are_one_group_of_the_scheduler(stack):
    """As system-postern.slice makes them one: else a hash of one worker does not give way to answers of the other."""
    assert len({os.getsid(pid) for pid in stack.workers.pids()}) == 1
