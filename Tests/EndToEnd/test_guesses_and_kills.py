"""A worker that is killed gives no guess for free."""

import random
import signal
import threading
import time

import pytest
import requests

import contract
from guesses import guess, hashes, nobody, reason

pytestmark = pytest.mark.ends_workers

BUDGET = 5
SETTINGS = f'[login]\npauses = []\nper_user_elsewhere = "{BUDGET}/hour"\n'


def kill_both(stack) -> None:
    mark = stack.journal.mark()
    killed = {number: stack.workers.send(number, signal.SIGKILL) for number in (1, 2)}
    for number, pid in killed.items():
        stack.workers.wait_for_successor(number, pid, mark)


def test_killed_after_each_guess(stack, new_client, user):
    with stack.settings.set(SETTINGS):
        mark = stack.journal.mark()
        for _ in range(3 * BUDGET):
            assert new_client().login(user.email, guess()).status_code == 401
            kill_both(stack)
        assert hashes(stack.journal, mark) == BUDGET
        assert reason(stack.journal, new_client().login(user.email, user.password)) == contract.USER_BUDGET


def test_killed_while_guesses_are_hashed(stack, new_client, new_user):
    """At any moment of a guess: no more than the budget are ever answered out of a hash."""
    with stack.settings.set(SETTINGS + "[passwords]\nbcrypt_cost = 12\n"):  # about 0.2 s a hash
        user = new_user()
        mark = stack.journal.mark()
        for _ in range(4 * BUDGET):
            client = new_client()
            thread = threading.Thread(target=ask, args=(client, user.email))
            thread.start()
            time.sleep(random.uniform(0, 0.4))  # a random point in the life of the guess
            kill_both(stack)
            thread.join(30)
            assert not thread.is_alive()
        last = [new_client().login(user.email, guess()).status_code for _ in range(2 * BUDGET)]
        assert last == [401] * len(last)
        assert hashes(stack.journal, mark) <= BUDGET
        assert reason(stack.journal, new_client().login(user.email, user.password)) == contract.USER_BUDGET


def ask(client, email: str) -> None:
    try:
        assert client.login(email, guess()).status_code in (401, 503)
    except requests.RequestException:
        pass  # the connection to a process that was killed


def test_a_pause_survives_the_restart_of_both_workers(stack, client, user):
    with stack.settings.set('[login]\npauses = ["5m"]\n'):
        assert client.login(user.email, guess()).status_code == 401
        kill_both(stack)
        assert reason(stack.journal, client.login(user.email, user.password)) == contract.PAUSED


def test_a_ban_survives_the_restart_of_both_workers(stack, client, user):
    with stack.settings.set('[login]\npauses = []\nper_network = "2/hour"\nban = "1h"\n'):
        for _ in range(3):
            assert client.login(nobody(), guess()).status_code == 401
        kill_both(stack)
        assert reason(stack.journal, client.login(user.email, user.password)) == contract.BANNED
