"""A worker killed under load: the other serves on, and the counts stay right."""

import signal
from concurrent.futures import ThreadPoolExecutor

import http_sf
import pytest

import tokens
from wait import until

pytestmark = pytest.mark.ends_workers


def left(response) -> int:
    [(_, parameters)] = http_sf.parse(response.headers["RateLimit"].encode(), tltype="list")
    return parameters["r"]


def ask_and_kill(stack, user, client, count: int) -> list:
    """`count` requests from eight threads; worker 1 dies when a quarter is answered. Gives the answers."""
    token = tokens.token_for(stack, user)
    answered = []

    def ask(_: int):
        response = client.get("/me", token)
        answered.append(response)
        return response

    mark = stack.journal.mark()
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(ask, number) for number in range(count)]
        until(lambda: len(answered) >= count // 4, 30, "a quarter of the answers")
        killed = stack.workers.send(1, signal.SIGKILL)
        responses = [future.result() for future in futures]
    stack.workers.wait_for_successor(1, killed, mark)
    return responses


def assert_no_wrong_answer(responses, user) -> int:
    """Gives the number of admissions; a request in the killed process may be the 503 of nginx, and nothing else."""
    for response in responses:
        assert response.status_code in (200, 429, 503), response.text
        if response.status_code == 200:
            assert response.json()["client_id"] == user.id
    return sum(response.status_code == 200 for response in responses)


def test_a_kill_costs_at_most_the_requests_in_flight(stack, client, user):
    with stack.settings.set('[limits]\napi = { rate = "1000/hour", per = "user" }\n'):
        threads = stack.workers.threads(1)
        responses = ask_and_kill(stack, user, client, 600)
        admissions = assert_no_wrong_answer(responses, user)
        assert {response.status_code for response in responses} <= {200, 503}
        last = client.get("/me", tokens.token_for(stack, user))
        charges = 1000 - left(last) - 1  # less this one
        assert admissions <= charges <= admissions + threads


def test_never_more_than_the_limit_pass(stack, client, user):
    with stack.settings.set('[limits]\napi = { rate = "200/hour", per = "user" }\n'):
        threads = stack.workers.threads(1)
        admissions = assert_no_wrong_answer(ask_and_kill(stack, user, client, 600), user)
        assert 200 - threads <= admissions <= 200
        assert client.get("/me", tokens.token_for(stack, user)).status_code == 429


def test_counts_survive_the_restart_of_both_workers(stack, client, user):
    token = tokens.token_for(stack, user)
    assert [client.get("/me", token).status_code for _ in range(10)] == [200] * 10
    for number in (1, 2):
        stack.workers.end(number, signal.SIGKILL)
    assert left(client.get("/me", token)) == 9
    for number in (1, 2):
        stack.workers.end(number, signal.SIGTERM)
    assert left(client.get("/me", token)) == 8
