"""The default limits, exact over both workers."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import contract
import fastcgi
import tokens
from client import burst
from problems import problem

HEAD = "GET {path} HTTP/1.1\nHost: 127.0.0.1\nConnection: close"


def statuses(responses) -> dict[int, int]:
    found = [response.status for response in responses]
    return {status: found.count(status) for status in set(found)}


def test_of_300_requests_at_once_from_one_user_exactly_20_pass(stack, client, user, new_user):
    before = {number: stack.workers.bytes_written(number) for number in (1, 2)}
    token = tokens.token_for(stack, user)
    head = HEAD.format(path="/me") + f"\nAuthorization: Bearer {token}"
    assert statuses(burst(stack.site, client.address, head, 300)) == {200: 20, 429: 280}
    for number in (1, 2):
        assert stack.workers.bytes_written(number) > before[number], f"worker {number} took no part"
    assert client.get("/me", tokens.token_for(stack, new_user())).status_code == 200


def test_of_60_searches_at_once_from_one_address_exactly_5_pass(stack, client, new_client):
    head = HEAD.format(path="/public/search?q=a")
    assert statuses(burst(stack.site, client.address, head, 60)) == {200: 5, 429: 55}
    assert new_client().get("/public/search?q=a").status_code == 200


def test_who_waits_retry_after_passes(client):
    responses = [client.get("/public/search?q=a") for _ in range(6)]
    assert [response.status_code for response in responses] == [200] * 5 + [429]
    wait = int(responses[-1].headers["Retry-After"])
    assert 1 <= wait <= 10
    time.sleep(wait)  # what the header asks of the client
    assert client.get("/public/search?q=a").status_code == 200


def test_25_good_logins_from_one_address_in_a_minute_all_pass(client, user):
    with ThreadPoolExecutor(3) as pool:
        logins = list(pool.map(lambda _: client.login(user.email, user.password).status_code, range(25)))
    assert logins == [200] * 25


def test_of_21_bad_logins_from_one_address_the_last_is_a_429(client):
    with ThreadPoolExecutor(3) as pool:
        bad = list(
            pool.map(
                lambda number: client.login(f"nobody{number}@example.test", "not a password").status_code, range(20)
            )
        )
    assert bad == [401] * 20
    problem(client.login("nobody@example.test", "not a password"), 429)


def test_login_and_token_spend_one_limit(client, user):
    with ThreadPoolExecutor(3) as pool:
        bad = list(
            pool.map(
                lambda number: client.grant(f"nobody{number}@example.test", "not a password").status_code, range(20)
            )
        )
    assert bad == [400] * 20
    assert client.login(user.email, user.password).status_code == 429
    assert client.grant(user.email, user.password).status_code == 429


def test_a_bad_token_spends_the_address_and_never_the_user(stack, client, new_client, user):
    bad = tokens.sign(stack, tokens.claims(stack, user), key=b"k" * 48)
    assert [client.get("/me", bad).status_code for _ in range(21)] == [401] * 20 + [429]
    good = tokens.token_for(stack, user)
    assert [new_client().get("/me", good).status_code for _ in range(20)] == [200] * 20
    assert client.get("/me", good).status_code == 429


def test_the_routes_of_a_user_spend_one_limit(stack, client, user):
    token = tokens.token_for(stack, user)
    statuses = [client.get(path, token).status_code for _ in range(10) for path in ("/me", "/photos/me")]
    assert statuses == [200] * 20
    assert client.get("/photos/me", token).status_code == 429


def test_a_429_names_its_policy_and_is_not_stored(client):
    for _ in range(5):
        client.get("/public/search?q=a")
    response = client.get("/public/search?q=a")
    body = problem(response, 429)
    assert body["type"] == contract.QUOTA_EXCEEDED
    assert body["violated-policies"] == ["search"]
    assert "no-store" in response.headers["Cache-Control"]
    assert int(response.headers["Retry-After"]) >= 1


PER_CUSTOMER = '[limits]\nsearch = { rate = "2/minute", per = "parameter:CUSTOMER" }\n'


def test_a_named_parameter_is_counted_after_a_reload_by_every_worker(stack, workers_apart, parameters, new_client):
    def search(number: int, **more: str) -> int:
        asked = parameters("GET", "/public/search", QUERY_STRING="q=a", REMOTE_ADDR=new_client().address, **more)
        return workers_apart[number].ask(asked).status

    with stack.settings.set(PER_CUSTOMER):
        statuses = [search(number, CUSTOMER=f"acme {stack.port}") for number in (1, 2, 1, 2)]
        assert statuses == [200, 200, 429, 429]
        # Another value has another count; without one the address is counted, and that is a new one each time.
        assert search(1, CUSTOMER=f"other {stack.port}") == 200
        assert [search(2), search(2, CUSTOMER=""), search(1), search(1, HTTP_CUSTOMER=f"acme {stack.port}")] == [200] * 4
    assert search(1, CUSTOMER=f"acme {stack.port}") == 200


def test_a_parameter_that_decides_may_not_come_twice(stack, direct, parameters):
    asked = parameters("GET", "/public/search", QUERY_STRING="q=a")
    twice = fastcgi.pairs(asked | {"CUSTOMER": "a"}) + fastcgi.pairs({"CUSTOMER": "b"})
    message = fastcgi.begin() + fastcgi.stream(fastcgi.PARAMS, twice) + fastcgi.stream(fastcgi.STDIN, b"")
    with stack.settings.set(PER_CUSTOMER), direct() as connection:
        connection.send(message)
        assert connection.is_closed()
    with direct() as connection:
        connection.send(message)
        assert connection.read_answer().status == 200


def test_an_ipv6_network_of_48_bits_may_do_eight_times_what_one_of_64_may(stack, direct, parameters):
    def search(connection, address: str):
        return connection.ask(parameters("GET", "/public/search", QUERY_STRING="q=a", REMOTE_ADDR=address))

    network = f"2001:db8:{stack.port:x}"
    with stack.settings.set('[limits]\nsearch = "1/minute"\n'), direct() as connection:
        answers = [search(connection, f"{network}:{number}::1") for number in range(9)]
        assert [answer.status for answer in answers] == [200] * 8 + [429]
        assert '"search-net";q=8;w=60' in answers[0].headers["ratelimit-policy"]
        assert json.loads(answers[8].body)["violated-policies"] == ["search-net"]
        assert search(connection, f"2001:db8:{stack.port + 1:x}::1").status == 200
