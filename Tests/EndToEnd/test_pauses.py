"""Growing pauses after a wrong password, and the ban of a network that goes on."""

import time

import pytest

import contract
from guesses import WIDE_ROUTE, guess, hashes, nobody, reason
from wait import until


def first_good_login(client, user, seconds: float) -> None:
    """Until the right password is taken again."""
    until(lambda: client.login(user.email, user.password).status_code == 200, seconds, "the pause to end", every=0.1)


def test_after_a_wrong_password_the_right_one_waits_for_the_pause(stack, client, user):
    with stack.settings.set('[login]\npauses = ["2s", "4s"]\n' + WIDE_ROUTE):
        start = time.monotonic()
        assert client.login(user.email, guess()).status_code == 401
        early = client.login(user.email, user.password)
        assert early.status_code == 401
        assert reason(stack.journal, early) == contract.PAUSED
        first_good_login(client, user, 3 * 2)
        assert time.monotonic() - start >= 2


def test_the_next_wrong_password_has_a_longer_pause(stack, client, user):
    with stack.settings.set('[login]\npauses = ["1s", "3s"]\n' + WIDE_ROUTE):
        mark = stack.journal.mark()
        assert client.login(user.email, guess()).status_code == 401

        def second_guess() -> float | None:
            """When a guess was begun that reached the hash."""
            begun = time.monotonic()
            assert client.login(user.email, guess()).status_code == 401
            return begun if hashes(stack.journal, mark) == 2 else None

        start = until(second_guess, 3 * 1, "the first pause to end", every=0.1)
        first_good_login(client, user, 3 * 3)
        assert time.monotonic() - start >= 3


def test_a_good_login_forgets_the_pauses(stack, client, user):
    with stack.settings.set('[login]\npauses = ["1s", "1m"]\n' + WIDE_ROUTE):
        for _ in range(3):
            assert client.login(user.email, guess()).status_code == 401
            first_good_login(client, user, 3 * 1)


def test_a_pause_is_of_one_user_at_one_network(stack, client, new_client, new_user):
    with stack.settings.set('[login]\npauses = ["5m"]\n'):
        mistaken, colleague = new_user(), new_user()
        assert client.login(mistaken.email, guess()).status_code == 401
        assert client.login(mistaken.email, mistaken.password).status_code == 401
        assert client.login(colleague.email, colleague.password).status_code == 200
        assert new_client().login(mistaken.email, mistaken.password).status_code == 200


def test_an_email_that_nobody_has_pauses_as_well(stack, client):
    """Or its answers would tell who has an account."""
    with stack.settings.set('[login]\npauses = ["5m"]\n'):
        email = nobody()
        assert client.login(email, guess()).status_code == 401
        assert reason(stack.journal, client.login(email, guess())) == contract.PAUSED


def test_guesses_in_a_pause_are_not_hashed_and_do_not_prolong_it(stack, client, user):
    with stack.settings.set('[login]\npauses = ["2s", "5m"]\n' + WIDE_ROUTE):
        assert client.login(user.email, guess()).status_code == 401
        mark = stack.journal.mark()
        for _ in range(5):
            assert client.login(user.email, guess()).status_code == 401
        assert hashes(stack.journal, mark) == 0
        first_good_login(client, user, 3 * 2)


def test_a_network_that_goes_on_is_banned_for_a_while(stack, client, new_client, user):
    """The guess that takes the last place begins the ban; the budget is free again after 3 s, the ban holds for 6."""
    settings = '[login]\npauses = []\nper_network = "3/3s"\nban = "6s"\n' + WIDE_ROUTE
    with stack.settings.set(settings):
        mark = stack.journal.mark()
        for _ in range(2):
            assert client.login(nobody(), guess()).status_code == 401
        start = time.monotonic()
        assert client.login(nobody(), guess()).status_code == 401
        [ban] = stack.journal.wait_for(mark, lambda event: event.name == contract.BAN_START, contract.BAN_START)
        assert (ban["net"], ban["for"]) == (client.address, "6s")
        assert reason(stack.journal, client.login(user.email, user.password)) == contract.BANNED
        assert new_client().login(user.email, user.password).status_code == 200
        first_good_login(client, user, 3 * 6)
        assert time.monotonic() - start >= 6


def test_without_a_ban_the_budget_alone_holds(stack, client, user):
    with stack.settings.set('[login]\npauses = []\nper_network = "3/3s"\nban = "0s"\n' + WIDE_ROUTE):
        mark = stack.journal.mark()
        for _ in range(3):
            assert client.login(nobody(), guess()).status_code == 401
        refused = client.login(user.email, user.password)
        assert refused.status_code == 401
        assert reason(stack.journal, refused) == contract.NETWORK_BUDGET
        first_good_login(client, user, 3 * 3)
        assert not [event for event in stack.journal.since(mark) if event.name == contract.BAN_START]


def test_an_exempt_network_has_no_pause_no_budget_and_no_ban(stack, client, new_client, user):
    settings = (
        '[login]\npauses = ["5m"]\nper_network = "2/hour"\nper_user_elsewhere = "2/hour"\nban = "1h"\n'
        f'exempt = ["{client.address}/32"]\n'
    )
    with stack.settings.set(settings):
        mark = stack.journal.mark()
        for _ in range(6):
            assert client.login(user.email, guess()).status_code == 401
        assert hashes(stack.journal, mark) == 6
        assert client.login(user.email, user.password).status_code == 200
        other = new_client()
        assert other.login(user.email, guess()).status_code == 401
        assert reason(stack.journal, other.login(user.email, user.password)) == contract.PAUSED


@pytest.mark.parametrize("door", ["login", "token"])
def test_a_pause_holds_at_every_door(stack, client, user, door):
    with stack.settings.set('[login]\npauses = ["5m"]\n'):
        assert client.login(user.email, guess()).status_code == 401
        response = client.login if door == "login" else client.grant
        assert reason(stack.journal, response(user.email, user.password)) == contract.PAUSED
