"""The three budgets of failed logins: how many guesses reach the hash, and who is kept out by them."""

import signal
import threading

import pytest

import contract
from client import Client, at_once, fresh_address, login_message
from guesses import WIDE_ROUTE, guess, hashes, nobody, outcome, reason, wait_until_known
from wait import until

# The default budgets.
PER_USER_AND_NETWORK = 10
PER_USER_ELSEWHERE = 20
PER_ROUTE = 20  # [limits] login

NO_PAUSES = "[login]\npauses = []\n"


def storm(stack, email: str, addresses: list[str], count: int):
    """`count` different guesses at once on one user, spread over `addresses`."""
    messages = [(addresses[number % len(addresses)], login_message(email, guess())) for number in range(count)]
    return at_once(stack.site, messages)


def statuses(answers) -> dict[int, int]:
    found = [answer.status for answer in answers]
    return {status: found.count(status) for status in set(found)}


def traces(answers) -> list[str]:
    return [answer.headers["x-request-id"] for answer in answers]


@pytest.fixture
def known(stack, new_client, user) -> Client:
    """A client whose network the user has logged in from."""
    client = new_client()
    assert client.login(user.email, user.password).status_code == 200
    wait_until_known(stack, user, client.address)
    return client


@pytest.fixture
def owner_at_work(known, user):
    """The owner logs in again and again from a known network until the test ends it; gives the statuses."""
    done = threading.Event()
    answers: list[int] = []

    def work() -> None:
        while not done.is_set():
            answers.append(known.login(user.email, user.password).status_code)

    thread = threading.Thread(target=work)
    thread.start()

    def end() -> list[int]:
        done.set()
        thread.join(30)
        return answers

    yield end
    end()


def test_of_1000_guesses_at_once_from_50_addresses_20_reach_the_hash_and_the_owner_gets_in(
    stack, user, owner_at_work
):
    addresses = [fresh_address() for _ in range(50)]
    mark = stack.journal.mark()
    with stack.settings.set(NO_PAUSES):
        answers = storm(stack, user.email, addresses, 1000)
        owner = owner_at_work()
    assert statuses(answers) == {401: 1000}
    assert outcome(stack.journal, mark, traces(answers)).hashed == PER_USER_ELSEWHERE
    assert len(owner) > 1 and set(owner) == {200}


def test_with_pauses_no_more_than_the_budget_reach_the_hash_either(stack, user, owner_at_work):
    addresses = [fresh_address() for _ in range(50)]
    mark = stack.journal.mark()
    answers = storm(stack, user.email, addresses, 1000)
    owner = owner_at_work()
    assert statuses(answers) == {401: 1000}
    assert 1 <= outcome(stack.journal, mark, traces(answers)).hashed <= PER_USER_ELSEWHERE
    assert len(owner) > 1 and set(owner) == {200}


def test_of_1000_guesses_at_once_from_one_address_the_route_lets_20_pass(stack, user, owner_at_work):
    mark = stack.journal.mark()
    with stack.settings.set(NO_PAUSES):
        answers = storm(stack, user.email, [fresh_address()], 1000)
        owner = owner_at_work()
    assert statuses(answers) == {401: PER_ROUTE, 429: 1000 - PER_ROUTE}
    assert outcome(stack.journal, mark, traces(answers)).hashed == PER_USER_ELSEWHERE
    assert len(owner) > 1 and set(owner) == {200}


def test_without_the_limit_of_the_route_the_budgets_stand_alone(stack, user):
    mark = stack.journal.mark()
    with stack.settings.set(NO_PAUSES + WIDE_ROUTE):
        answers = storm(stack, user.email, [fresh_address()], 1000)
    assert statuses(answers) == {401: 1000}
    assert outcome(stack.journal, mark, traces(answers)).hashed == PER_USER_ELSEWHERE


def test_from_the_owners_own_network_10_reach_the_hash(stack, user, known):
    mark = stack.journal.mark()
    with stack.settings.set(NO_PAUSES + WIDE_ROUTE):
        answers = storm(stack, user.email, [known.address], 200)
    assert statuses(answers) == {401: 200}
    assert outcome(stack.journal, mark, traces(answers)).hashed == PER_USER_AND_NETWORK


def test_a_network_may_guess_so_often_whoever_it_tries(stack):
    """Each guess is on another e-mail, so the network alone counts."""
    address = fresh_address()
    settings = '[login]\npauses = []\nper_network = "12/hour"\nban = "0s"\n'
    mark = stack.journal.mark()
    with stack.settings.set(settings + WIDE_ROUTE):
        answers = at_once(stack.site, [(address, login_message(nobody(), guess())) for _ in range(100)])
    assert statuses(answers) == {401: 100}
    assert outcome(stack.journal, mark, traces(answers)).hashed == 12


@pytest.mark.ends_workers
def test_every_blocked_guess_is_a_line_or_is_counted_in_one(stack, user):
    for number in (1, 2):
        stack.workers.end(number, signal.SIGTERM)  # tells what it has left out so far, of the tests before this one
    mark = stack.journal.mark()
    with stack.settings.set(NO_PAUSES + WIDE_ROUTE):
        answers = storm(stack, user.email, [fresh_address()], 300)
    blocked = len(answers) - outcome(stack.journal, mark, traces(answers)).hashed

    def told(event) -> int:
        if event.name == contract.LOGIN_BLOCKED:
            return 1
        return int(event["count"]) if event.name == contract.LOGIN_BLOCKED_MORE else 0

    until(lambda: sum(map(told, stack.journal.since(mark))) == blocked, 10, f"{blocked} blocked guesses in the log")


def test_257_bogus_names_lock_nobody_out(stack, new_client, new_user):
    users = [new_user() for _ in range(3)]
    with stack.settings.set(NO_PAUSES):
        for _ in range(13):
            client = new_client()
            assert [client.login(nobody(), guess()).status_code for _ in range(20)] == [401] * 20  # 260 in all
        for user in users:
            assert new_client().login(user.email, user.password).status_code == 200


def test_two_spellings_of_an_email_share_one_budget(stack, new_client, new_user):
    user = new_user(email="josé.budget@example.test")
    spellings = ["josé.budget@example.test", "JOSé.Budget@Example.TEST", "jose\u0301.budget@example.test"]
    with stack.settings.set('[login]\npauses = []\nper_user_elsewhere = "4/hour"\n'):
        mark = stack.journal.mark()
        answers = [new_client().login(spellings[number % 3], guess()) for number in range(12)]
        assert [answer.status_code for answer in answers] == [401] * 12
        assert hashes(stack.journal, mark) == 4
        for spelling in spellings:
            blocked = new_client().login(spelling, user.password)
            assert blocked.status_code == 401
            assert reason(stack.journal, blocked) == contract.USER_BUDGET


def test_both_doors_spend_one_set_of_budgets(stack, new_client, user):
    with stack.settings.set('[login]\npauses = []\nper_user_elsewhere = "4/hour"\n'):
        mark = stack.journal.mark()
        for _ in range(4):
            assert new_client().login(user.email, guess()).status_code == 401
            assert new_client().grant(user.email, guess()).status_code == 400
        assert hashes(stack.journal, mark) == 4
        assert new_client().grant(user.email, user.password).status_code == 400


def test_good_logins_give_their_places_back(stack, client, new_client, user):
    with stack.settings.set('[login]\nper_user_elsewhere = "2/hour"\nper_user_and_network = "2/hour"\n'):
        assert [client.login(user.email, user.password).status_code for _ in range(6)] == [200] * 6
        assert [new_client().login(user.email, user.password).status_code for _ in range(6)] == [200] * 6


def test_an_owner_in_a_new_place_waits_until_the_sysadmin_clears_it(stack, new_client, known, user):
    with stack.settings.set('[login]\npauses = []\nper_user_elsewhere = "3/hour"\n'):
        for _ in range(3):
            assert new_client().login(user.email, guess()).status_code == 401
        away = new_client()
        blocked = away.login(user.email, user.password)
        assert blocked.status_code == 401
        assert reason(stack.journal, blocked) == contract.USER_BUDGET
        assert known.login(user.email, user.password).status_code == 200
        done = stack.postern("ban", "remove", user.email)
        assert done.returncode == 0, done.stderr
        assert away.login(user.email, user.password).status_code == 200


@pytest.mark.parametrize("wide", ["2001:db8:{n:x}:1::1", "2001:db8:77:{n:x}::1"], ids=["of many /48", "of one /48"])
def test_ipv6_counts_by_64_and_eight_times_as_much_by_48(stack, direct, parameters, wide):
    """Behind nginx's back: the tests' own addresses are all IPv4."""
    settings = '[login]\npauses = []\nper_network = "2/hour"\nban = "0s"\n'
    networks = 10
    mark = stack.journal.mark()
    with stack.settings.set(settings + WIDE_ROUTE):
        for number in range(networks):
            for host in range(3):
                address = wide.format(n=number + 16)[:-1] + str(host + 1)
                body = login_message(nobody(), guess()).split(b"\r\n\r\n", 1)[1]
                with direct() as connection:
                    answer = connection.ask(
                        parameters(
                            "POST",
                            "/login",
                            REMOTE_ADDR=address,
                            CONTENT_TYPE="application/json",
                            CONTENT_LENGTH=str(len(body)),
                        ),
                        body,
                    )
                assert answer.status == 401
    one_site = "77" in wide
    assert hashes(stack.journal, mark) == (2 * 8 if one_site else 2 * networks)
