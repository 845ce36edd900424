"""postern status, and what user show says to "Anna cannot log in"."""

import json
import signal
import time

import pytest

from wait import until

WELL, DEGRADED, DOWN = 0, 1, 2


def status(stack, wanted=WELL):
    done = stack.postern("status", "--json")
    assert done.returncode == wanted, done.stdout + done.stderr
    return json.loads(done.stdout)


def since_start(stack, subject="requests"):
    """What both workers tell that they did until now: they write every two seconds."""
    now = time.time()
    files = [stack.run / f"worker-{pid}.status" for pid in stack.workers.pids()]
    until(lambda: all(file.stat().st_mtime > now for file in files), 15, "both workers to write their status")
    return status(stack)[subject]["since_start"]


def test_all_is_well(stack, client):
    found = status(stack)
    assert found["state"] == "well"
    assert found["workers"]["ready"] == found["workers"]["wanted"] == 2
    assert [worker["worker"] for worker in found["workers"]["list"]] == ["1", "2"]
    assert [worker["pid"] for worker in found["workers"]["list"]] == stack.workers.pids()
    assert found["database"]["usable"] is True
    assert found["users"]["active"] >= 1
    text = stack.postern("status").stdout
    assert text.startswith("postern ") and "!" not in text
    for subject in ("workers", "requests", "checks", "logins", "database", "keys", "users", "limits", "banned", "refused"):
        assert any(line.startswith(subject) for line in text.splitlines()), subject


def test_requests_are_counted_by_what_became_of_them(stack, client):
    before = since_start(stack)
    assert [client.get("/public/search?q=a").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert client.get("/me", "no.real.token").status_code == 401
    assert client.request("PUT", "/me").status_code == 405
    after = since_start(stack)
    risen = {name: after[name] - before[name] for name in before}
    assert risen == {"good": 5, "401": 1, "403": 0, "429": 2, "other_4xx": 1, "5xx": 0}


def test_checks_are_counted_by_what_the_client_is_told(stack, token, workers_apart, parameters):
    before = since_start(stack, "checks")

    def ask(tail, **more):
        request = parameters("GET", "/postern/auth" + tail, POSTERN_ROLE="check", **more)
        return [connection.ask(request).status for connection in workers_apart.values()]

    assert ask("", HTTP_AUTHORIZATION="Bearer " + token) == [204, 204]
    assert ask("") == [401, 401]
    assert ask("/group=nobody", HTTP_AUTHORIZATION="Bearer " + token) == [403, 403]
    # By address: five in ten seconds, over both workers.
    limited = [answer for _ in range(3) for answer in ask("/limit=search", REMOTE_ADDR="198.51.100.77")]
    assert sorted(limited) == [401] * 5 + [403]
    after = since_start(stack, "checks")
    risen = {name: after[name] - before[name] for name in before}
    assert risen == {"pass": 2, "401": 7, "403": 2, "429": 1, "503": 0}


def test_logins_are_counted_and_the_last_ones_shown(stack, client, user):
    before = status(stack)["logins"]
    assert client.login(user.email, user.password).status_code == 200
    assert client.login(user.email, "not the password").status_code == 401

    def counted():
        now = status(stack)
        outcomes = [event["outcome"] for event in now["last_logins"] if event["email"] == user.email]
        risen = now["logins"]["ok"] - before["ok"] == 1 and now["logins"]["failed"] - before["failed"] == 1
        return risen and sorted(outcomes) == ["failed", "ok"]

    until(counted, 15, "the logins to be counted and stored")
    assert "wrong_password" in stack.postern("status").stdout


def test_without_mariadb_it_is_degraded_and_says_so_first(stack):
    with stack.database.stopped():
        assert status(stack, DEGRADED)["database"]["answers"] is False
        text = stack.postern("status").stdout
        assert text.splitlines()[2].startswith("! database")
        assert "workers" in text


@pytest.mark.ends_workers
def test_a_killed_worker_is_counted_by_its_successor(stack):
    before = status(stack)["workers"]["list"][0]["crashes"]
    stack.workers.end(1, signal.SIGKILL)

    def counted():
        done = stack.postern("status", "--json")
        first = json.loads(done.stdout)["workers"]["list"][0]
        return done.returncode == WELL and first["crashes"] == before + 1 and first["pid"] == stack.workers.pid(1)

    until(counted, 15, "the crash to be counted")
    assert "killed" in stack.postern("status").stdout


@pytest.mark.ends_workers
def test_an_orderly_end_leaves_no_file(stack):
    old = stack.workers.pid(2)
    assert (stack.run / f"worker-{old}.status").stat().st_mode & 0o777 == 0o600
    stack.workers.end(2, signal.SIGTERM)
    assert not (stack.run / f"worker-{old}.status").exists()
    until(lambda: stack.postern("status").returncode == WELL, 15, "the new worker to tell of itself")


def test_a_frozen_worker_is_degraded(stack):
    with stack.workers.only(1):
        until(lambda: stack.postern("status").returncode == DEGRADED, 30, "the silence to be noticed", every=1)
        assert "2 is silent" in stack.postern("status").stdout
    until(lambda: stack.postern("status").returncode == WELL, 15, "the worker to write again")


def test_check_knows_the_workers(stack):
    done = stack.postern("check")
    assert done.returncode == 0, done.stdout
    assert any(line.startswith("ok") and "workers" in line and "2 of 2" in line for line in done.stdout.splitlines())


def show(stack, user):
    done = stack.postern("user", "show", user.email, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_user_show_tells_the_last_logins_and_the_known_networks(stack, client, user):
    assert client.login(user.email, "not the password").status_code == 401
    # A wrong password pauses the next.
    until(lambda: client.login(user.email, user.password).status_code == 200, 20, "the pause to end", every=0.5)
    until(lambda: show(stack, user)["known_networks"], 10, "the network to be known")
    found = show(stack, user)
    assert [network["network"] for network in found["known_networks"]] == [client.address]
    assert found["logins"][0]["outcome"] == "ok" and found["logins"][0]["address"] == client.address
    assert found["logins"][-1]["reason"] == "wrong_password"
    text = stack.postern("user", "show", user.email).stdout
    assert "failed: wrong password" in text and "nothing is in the way of a login" in text


def test_user_show_says_why_anna_cannot_log_in_and_the_cure_helps(stack, new_client, user):
    settings = '[limits]\nlogin = "1000/minute"\n[login]\nper_user_elsewhere = "3/hour"\npauses = []\n'
    with stack.settings.set(settings):
        for number in range(4):
            assert new_client().login(user.email, f"wrong password {number}").status_code == 401
        assert new_client().login(user.email, user.password).status_code == 401

        def blocked():
            return any(event["reason"] == "user_budget" for event in show(stack, user)["logins"])

        until(blocked, 10, "the blocked login to be stored")
        text = stack.postern("user", "show", user.email).stdout
        assert "blocked: too many wrong passwords from other networks; free again in 60 min" in text
        [line] = [line for line in show(stack, user)["standing"] if line["in_the_way"]]
        assert line["cure"] == f"postern ban remove {user.email}"
        assert stack.postern(*line["cure"].split()[1:]).returncode == 0
        assert new_client().login(user.email, user.password).status_code == 200
