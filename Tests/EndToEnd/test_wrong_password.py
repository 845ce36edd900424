"""Wrong password, unknown e-mail, inactive user: one answer, one amount of work."""

import json
import random
import secrets
import statistics
import time

import pytest

import contract
from guesses import guess, nobody
from problems import problem, without_trace


@pytest.fixture
def inactive_user(stack, user):
    assert stack.postern("user", "disable", user.email).returncode == 0
    return user


def kinds(known, inactive) -> dict[str, str]:
    """What each kind of failure logs in with."""
    return {
        contract.WRONG_PASSWORD: known.email,
        contract.UNKNOWN_EMAIL: nobody(),
        contract.INACTIVE_USER: inactive.email,
    }


def visible(response) -> tuple:
    """All that a client can see but for time and trace."""
    body = without_trace(problem(response, 401))
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-Id")}
    return body, headers


def test_the_three_failures_cannot_be_told_apart(new_client, new_user, inactive_user):
    answers = [visible(new_client().login(email, guess())) for email in kinds(new_user(), inactive_user).values()]
    assert answers[0] == answers[1] == answers[2]


def test_the_right_password_of_an_inactive_user_is_answered_like_a_wrong_one(new_client, new_user, inactive_user):
    wrong = visible(new_client().login(new_user().email, guess()))
    assert visible(new_client().login(inactive_user.email, inactive_user.password)) == wrong


def test_the_log_tells_them_apart_and_counts_the_same_hash_work(
    stack, new_user, inactive_user, workers_apart, parameters
):
    """At one worker, so that its running total can be compared from login to login."""
    totals = []
    emails = {"": nobody()} | kinds(new_user(), inactive_user)
    for reason, email in emails.items():
        body = json.dumps({"email": email, "password": guess()}).encode()
        trace = secrets.token_hex(16)
        request = parameters(
            "POST", "/login", REQUEST_ID=trace, CONTENT_TYPE="application/json", CONTENT_LENGTH=str(len(body))
        )
        assert workers_apart[1].ask(request, body).status == 401
        totals.append(int(stack.journal.of_trace(contract.HASH_DONE, trace)["total"]))
        if reason:
            assert stack.journal.of_trace(contract.LOGIN_FAILED, trace)["reason"] == reason
    work = [after - before for before, after in zip(totals, totals[1:], strict=False)]
    assert work == [2**10] * 3  # rounds of bcrypt at the suite's cost


@pytest.mark.usefixtures("free_guesses")
def test_timing_medians_are_reported(new_client, new_user, inactive_user, capsys):
    emails = kinds(new_user(), inactive_user)
    times: dict[str, list[float]] = {reason: [] for reason in emails}
    for attempt in range(30):
        if attempt % 5 == 0:  # 15 failures an address; 20 a minute are its limit
            client = new_client()
            client.get("/healthz")  # the handshake is not part of the time
        # In another order each time: who comes first would pay for a sleeping processor.
        for reason, email in random.sample(list(emails.items()), len(emails)):
            start = time.perf_counter()
            assert client.login(email, guess()).status_code == 401
            times[reason].append(time.perf_counter() - start)
    with capsys.disabled():
        medians = ", ".join(f"{reason} {statistics.median(values) * 1000:.1f} ms" for reason, values in times.items())
        print(f"\nlogin medians of 30: {medians}")
