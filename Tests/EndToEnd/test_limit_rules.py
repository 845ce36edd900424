"""Limits as the sysadmin writes them: several windows, exempt networks and users, dry runs."""

import time

import http_sf

import tokens
from client import Client


def search(client, count: int) -> list[int]:
    return [client.get("/public/search?q=a").status_code for _ in range(count)]


def limit(text: str) -> str:
    return f"[limits]\n{text}\n"


def test_a_limit_may_be_a_text_alone(stack, client):
    with stack.settings.set(limit('search = "3/minute"')):
        assert search(client, 4) == [200] * 3 + [429]


def test_of_several_windows_each_holds_and_a_refusal_charges_none(stack, client):
    with stack.settings.set(limit('search = "5/2s; 8/hour"')):
        assert search(client, 20) == [200] * 5 + [429] * 15  # the fifteen are not charged to the hour
        response = client.get("/public/search?q=a")
        wait = int(response.headers["Retry-After"])
        assert wait <= 2
        time.sleep(wait)  # what the header asks of the client
        assert search(client, 4) == [200] * 3 + [429]
        assert int(client.get("/public/search?q=a").headers["Retry-After"]) > 3000


def test_every_window_has_its_policy(stack, client):
    with stack.settings.set(limit('search = "1000/hour; 20/second"')):
        response = client.get("/public/search?q=a")
        policies = http_sf.parse(response.headers["RateLimit-Policy"].encode(), tltype="list")
        assert sorted((parameters["q"], parameters["w"]) for _, parameters in policies) == [(20, 1), (1000, 3600)]
        assert len(http_sf.parse(response.headers["RateLimit"].encode(), tltype="list")) == 2


def test_an_exempt_network_is_not_counted(stack, client):
    inside = Client(stack.site, "127.201.5.6")
    with stack.settings.set(limit('search = { rate = "2/hour", per = "address", exempt = ["127.201.0.0/16"] }')):
        assert search(inside, 10) == [200] * 10
        assert search(client, 3) == [200, 200, 429]


def test_an_exempt_user_is_not_counted_by_email_or_id(stack, client, new_user):
    by_email, by_id, other = new_user(), new_user(), new_user()
    rule = f'api = {{ rate = "2/hour", per = "user", exempt = ["{by_email.email}", "{by_id.id}"] }}'

    def me(user, count: int) -> list[int]:
        token = tokens.token_for(stack, user)
        return [client.get("/me", token).status_code for _ in range(count)]

    with stack.settings.set(limit(rule)):
        assert me(by_email, 6) == [200] * 6
        assert me(by_id, 6) == [200] * 6
        assert me(other, 3) == [200, 200, 429]


def test_a_dry_run_refuses_nobody(stack, client):
    with stack.settings.set(limit('search = { rate = "2/hour", per = "address", dry_run = true }')):
        assert search(client, 10) == [200] * 10


def test_a_dry_run_does_not_spend_what_is_in_force(stack, client, user):
    """A limit that becomes earnest begins with what was counted, and with no refusal of its own making."""
    with stack.settings.set(limit('api = { rate = "3/hour", per = "user", dry_run = true }')):
        token = tokens.token_for(stack, user)
        assert [client.get("/me", token).status_code for _ in range(6)] == [200] * 6
    with stack.settings.set(limit('api = "20/hour"')):
        assert [client.get("/me", token).status_code for _ in range(21)] == [200] * 20 + [429]
