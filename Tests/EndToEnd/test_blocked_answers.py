"""A blocked guess is answered like a wrong password, and the same wrong password again is no new guess."""

import random
import statistics
import time

import pytest

import contract
from guesses import guess, hashes, nobody, reason
from problems import problem, without_trace

SPENT = '[login]\npauses = []\nper_user_elsewhere = "1/hour"\n'
THREE = '[login]\npauses = []\nper_user_elsewhere = "3/hour"\n'


def headers(response) -> list[tuple[str, str]]:
    """In their order, without those that differ from answer to answer."""
    return [(name, value) for name, value in response.headers.items() if name not in ("Date", "X-Request-Id")]


def visible(response) -> tuple:
    return without_trace(problem(response, 401)), headers(response)


@pytest.fixture
def spent(stack, new_client, new_user):
    """A user of whom no more guesses are taken from unknown networks."""
    with stack.settings.set(SPENT):
        user = new_user()
        assert new_client().login(user.email, guess()).status_code == 401
        yield user


def test_a_blocked_guess_and_a_wrong_password_have_one_answer(stack, new_client, new_user, spent):
    wrong = new_client().login(new_user().email, guess())
    blocked = new_client().login(spent.email, guess())
    assert reason(stack.journal, wrong, contract.LOGIN_FAILED) == contract.WRONG_PASSWORD
    assert reason(stack.journal, blocked) == contract.USER_BUDGET
    assert visible(blocked) == visible(wrong)


def test_so_has_the_right_password_of_a_blocked_user(stack, new_client, spent):
    right = new_client().login(spent.email, spent.password)
    assert reason(stack.journal, right) == contract.USER_BUDGET
    assert visible(right) == visible(new_client().login(nobody(), guess()))


def test_at_the_token_door_it_is_the_same_invalid_grant(stack, new_client, new_user, spent):
    wrong = new_client().grant(new_user().email, guess())
    blocked = new_client().grant(spent.email, spent.password)
    assert reason(stack.journal, blocked) == contract.USER_BUDGET
    assert (blocked.status_code, blocked.content, headers(blocked)) == (400, wrong.content, headers(wrong))


def test_a_blocked_guess_costs_no_hash(stack, new_client, spent):
    mark = stack.journal.mark()
    for _ in range(5):
        assert new_client().login(spent.email, guess()).status_code == 401
    assert hashes(stack.journal, mark) == 0


def test_the_same_wrong_password_again_is_no_new_guess(stack, new_client, user):
    with stack.settings.set(THREE):
        mark = stack.journal.mark()
        old = guess()
        assert new_client().login(user.email, old).status_code == 401
        for _ in range(10):
            again = new_client().login(user.email, old)
            assert again.status_code == 401
            assert reason(stack.journal, again) == contract.REPEATED_PASSWORD
        assert hashes(stack.journal, mark) == 1
        for _ in range(2):
            assert new_client().login(user.email, guess()).status_code == 401
        assert hashes(stack.journal, mark) == 3
        assert reason(stack.journal, new_client().login(user.email, guess())) == contract.USER_BUDGET


def test_at_another_user_it_is_a_new_guess(stack, new_client, new_user):
    same = guess()
    mark = stack.journal.mark()
    for _ in range(3):
        assert new_client().login(new_user().email, same).status_code == 401
    assert hashes(stack.journal, mark) == 3


def test_a_wrong_password_that_becomes_the_right_one_logs_in(stack, client, user):
    with stack.settings.set(THREE):
        new = guess()
        stack.confidential.add(new)
        assert client.login(user.email, new).status_code == 401
        assert stack.postern("user", "password", user.email, "--password-stdin", input=new + "\n").returncode == 0
        assert client.login(user.email, new).status_code == 200


def test_timing_medians_are_reported(stack, new_client, new_user, capsys):
    """A blocked guess waits as long as a real failure takes; the figures are for the reader, a machine may be busy."""
    times: dict[str, list[float]] = {"wrong": [], "blocked": []}
    with stack.settings.set(SPENT):
        spent = new_user()
        new_client().login(spent.email, guess())
        for _ in range(5):
            client = new_client()
            client.get("/healthz")  # the handshake is not part of the time
            for kind in random.sample(["wrong", "blocked"] * 5, 10):
                email = spent.email if kind == "blocked" else nobody()
                start = time.perf_counter()
                assert client.login(email, guess()).status_code == 401
                times[kind].append(time.perf_counter() - start)
    with capsys.disabled():
        parts = [
            f"{kind} {statistics.median(values) * 1000:.1f} ms (spread {statistics.stdev(values) * 1000:.1f})"
            for kind, values in times.items()
        ]
        print(f"\nlogin medians of {len(times['wrong'])}: {', '.join(parts)}")
