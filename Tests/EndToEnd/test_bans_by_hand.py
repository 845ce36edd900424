"""Bans that the sysadmin made live in MariaDB: they outlive everything that runs."""

import signal

import pytest

import contract
from client import Client, login_message
from guesses import guess, reason
from wait import until

BANS_READ = 5  # seconds: how old a worker's list of bans may be


def banned(stack, response) -> bool:
    """Whether a login with the right password was blocked by a ban by hand; no other refusal may come instead."""
    if response.status_code == 200:
        return False
    assert response.status_code == 401
    assert reason(stack.journal, response) == contract.BANNED_BY_HAND
    return True


def until_admitted(stack, client, user, seconds: float) -> None:
    until(lambda: not banned(stack, client.login(user.email, user.password)), seconds, "the ban to end", every=0.5)


def first_answer(log_in):
    """The first answer to a login that is not "the database is away"."""
    answers = []

    def has_answer() -> bool:
        answers.append(log_in())
        return answers[-1].status_code != 503

    until(has_answer, 20, "logins to be answered again", every=0)
    return answers[-1]


def command(stack, *words: str) -> str:
    done = stack.postern("ban", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def ban(stack):
    """Makes bans that go with the test."""
    made: list[str] = []

    def make(subject: str, *options: str) -> None:
        command(stack, "add", subject, "--force", *options)  # the tests' addresses are this host's own
        made.append(subject)

    yield make
    for subject in made:
        stack.postern("ban", "remove", subject)


def test_a_banned_address_is_answered_like_a_wrong_password(stack, client, new_client, user, ban):
    ban(client.address)
    assert banned(stack, client.login(user.email, user.password))
    assert new_client().login(user.email, user.password).status_code == 200
    assert client.get("/public/search?q=a").status_code == 200  # logins alone are banned


def test_a_banned_network_holds_all_of_its_addresses(stack, user, ban):
    ban("127.200.7.0/24")  # in which no other test has an address
    for host in (1, 255):
        assert banned(stack, Client(stack.site, f"127.200.7.{host}").login(user.email, user.password))
    assert Client(stack.site, "127.200.8.1").login(user.email, user.password).status_code == 200


def test_a_banned_user_gets_in_from_nowhere(stack, new_client, new_user, ban):
    user, other = new_user(), new_user()
    ban(user.email)
    for _ in range(2):
        assert banned(stack, new_client().login(user.email, user.password))
    assert new_client().login(other.email, other.password).status_code == 200


def test_a_removed_ban_holds_no_longer(stack, client, user, ban):
    ban(client.address)
    assert banned(stack, client.login(user.email, user.password))
    command(stack, "remove", client.address)
    until_admitted(stack, client, user, 3 * BANS_READ)


def test_a_ban_ends_by_itself(stack, client, user, ban):
    ban(client.address, "--for", "3s")
    assert banned(stack, client.login(user.email, user.password))
    until_admitted(stack, client, user, 3 * 3)


def test_exempt_networks_can_be_banned_by_hand(stack, client, user, ban):
    with stack.settings.set(f'[login]\nexempt = ["{client.address}/32"]\n'):
        ban(client.address)
        assert banned(stack, client.login(user.email, user.password))


@pytest.mark.ends_workers
def test_bans_by_hand_survive_a_restart_of_everything(stack, client, new_client, new_user, ban):
    """Workers, MariaDB and the rate table go, as at a reboot; pauses and counts of the table go with it."""
    user, other = new_user(), new_user()
    ban(client.address)
    ban(user.email)
    assert new_client().login(other.email, guess()).status_code == 401
    with stack.database.stopped():
        mark = stack.journal.mark()
        killed = {number: stack.workers.send(number, signal.SIGKILL) for number in (1, 2)}
        (stack.run / "rates").unlink()
        for number, pid in killed.items():
            stack.workers.wait_for_successor(number, pid, mark)
        # Neither of the new workers has a list, and both have tried in vain to read it.
        assert {client.login(other.email, other.password).status_code for _ in range(10)} == {503}
    for _ in range(10):
        assert banned(stack, first_answer(lambda: client.login(other.email, other.password)))
    assert banned(stack, new_client().login(user.email, user.password))
    assert new_client().login(other.email, other.password).status_code == 200


def test_the_last_list_holds_while_the_database_is_away(stack, client, user, ban, workers_apart, parameters):
    """At each worker: each has a list of its own."""
    ban(client.address)
    body = login_message(user.email, user.password).split(b"\r\n\r\n", 1)[1]
    request = parameters("POST", "/login", CONTENT_TYPE="application/json", CONTENT_LENGTH=str(len(body)))

    def statuses() -> dict[int, int]:
        return {number: connection.ask(request, body).status for number, connection in workers_apart.items()}

    assert statuses() == {1: 401, 2: 401}
    with stack.database.stopped():
        assert statuses() == {1: 401, 2: 401}
    until(lambda: client.get("/readyz").status_code == 200, 20, "/readyz to be 200 again", every=0.1)
