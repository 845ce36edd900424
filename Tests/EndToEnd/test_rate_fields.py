"""RateLimit-Policy and RateLimit, draft-ietf-httpapi-ratelimit-headers-10, parsed by a structured fields library."""

import http_sf

import tokens


def items(response, field: str) -> dict[str, dict]:
    """The list of a field: each item's name and parameters."""
    parsed = http_sf.parse(response.headers[field].encode("ascii"), tltype="list")
    assert all(isinstance(name, str) for name, _ in parsed)
    return {name: dict(parameters) for name, parameters in parsed}


def test_an_admitted_request_says_what_is_left(stack, client, user):
    token = tokens.token_for(stack, user)
    for left in (19, 18, 17):
        response = client.get("/me", token)
        assert (
            items(response, "RateLimit-Policy")["api"] | {"q": 20, "w": 60}
            == items(response, "RateLimit-Policy")["api"]
        )
        standing = items(response, "RateLimit")["api"]
        assert standing["r"] == left
        assert 0 <= standing["t"] <= 60


def test_a_refused_request_says_when_to_come_back(client):
    for _ in range(5):
        client.get("/public/search?q=a")
    response = client.get("/public/search?q=a")
    assert response.status_code == 429
    assert items(response, "RateLimit-Policy")["search"]["q"] == 5
    assert items(response, "RateLimit-Policy")["search"]["w"] == 10
    standing = items(response, "RateLimit")["search"]
    assert standing["r"] == 0
    assert int(response.headers["Retry-After"]) >= standing["t"] >= 1


def test_the_fields_of_a_failed_login_do_not_tell_who_has_an_account(new_client, user):
    known = new_client().login(user.email, "not the password")
    unknown = new_client().login("nobody@example.test", "not the password")
    for field in ("RateLimit-Policy", "RateLimit"):
        assert items(known, field).keys() == items(unknown, field).keys()


def test_a_rule_of_the_settings_is_in_force_after_a_reload(stack, client):
    with stack.settings.set('[limits]\nsearch = { rate = "2/10s", per = "address" }\n'):
        assert [client.get("/public/search?q=a").status_code for _ in range(3)] == [200, 200, 429]
