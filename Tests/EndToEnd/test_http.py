"""What every answer keeps: problem details, methods, HEAD, caching, CORS."""

import re

import pytest

from problems import problem

NO_STORE = "no-store"
ORIGIN = "https://app.example.com"
CORS = f'[site]\ncors_origins = ["{ORIGIN}"]\n'

ERRORS = {
    "400": (400, "POST", "/login", {"data": b"{", "headers": {"Content-Type": "application/json"}}),
    "401": (401, "GET", "/me", {}),
    "404": (404, "GET", "/photos/unknown", {}),
    "404 of nginx": (404, "GET", "/unknown", {}),
    "404 of a folder": (404, "GET", "/", {}),
    "405": (405, "GET", "/login", {}),
    "413": (413, "POST", "/login", {"data": b"x" * 40_000, "headers": {"Content-Type": "application/json"}}),
    "413 by the JSON limit": (
        413,
        "POST",
        "/login",
        {"data": b" " * 17_000, "headers": {"Content-Type": "application/json"}},
    ),
    "415": (415, "POST", "/login", {"data": b"x", "headers": {"Content-Type": "text/plain"}}),
}


@pytest.mark.parametrize("status, method, path, options", ERRORS.values(), ids=ERRORS.keys())
def test_each_error_is_a_problem_with_code_message_and_trace(client, status, method, path, options):
    problem(client.request(method, path, **options), status)


def test_two_codes_of_one_status_differ_by_what_went_wrong(client):
    codes = {
        problem(client.request(method, path, **options), status)["code"]
        for status, method, path, options in ERRORS.values()
        if status in (400, 401, 404, 405, 415)
    }
    assert len(codes) == 5


def test_every_answer_carries_the_request_id_of_nginx(client, token):
    seen = set()
    for path in ("/me", "/healthz", "/photos/unknown"):
        identifier = client.get(path, token).headers["X-Request-Id"]
        assert re.fullmatch("[0-9a-f]{32}", identifier)
        seen.add(identifier)
    assert len(seen) == 3


def test_no_request_id_of_the_client_is_taken(client):
    assert client.get("/me", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"] != "mine"


@pytest.mark.parametrize(
    "path, allowed",
    [
        ("/login", {"POST"}),
        ("/token", {"POST"}),
        ("/me", {"GET", "HEAD"}),
        ("/photos/me", {"GET", "HEAD"}),
        ("/public/search", {"GET", "HEAD"}),
        ("/healthz", {"GET", "HEAD"}),
        ("/readyz", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_with_allow(client, path, allowed):
    for method in ("DELETE", "PUT", "PATCH", "FOO"):
        response = client.request(method, path)
        problem(response, 405)
        assert {word.strip() for word in response.headers["Allow"].split(",")} - {"OPTIONS"} == allowed


@pytest.mark.parametrize(
    "path, status", [("/me", 401), ("/healthz", 200), ("/photos/unknown", 404), ("/public/search?q=a", 200)]
)
def test_head_is_get_without_the_body(client, path, status):
    get, head = client.get(path), client.request("HEAD", path)
    assert get.status_code == head.status_code == status
    assert head.content == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_head_of_me_is_charged_and_answered(client, token):
    assert client.request("HEAD", "/me", token).status_code == 200


def test_what_is_about_a_user_is_not_stored(client, user, token):
    for response in (
        client.login(user.email, user.password),
        client.login(user.email, "not the password"),
        client.get("/me", token),
        client.get("/me"),
        client.get("/photos/me", token),
    ):
        assert NO_STORE in response.headers["Cache-Control"]


def test_no_answer_names_a_server_behind_nginx_or_may_be_sniffed(client, token):
    response = client.get("/me", token)
    assert "X-Powered-By" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def preflight(client, path: str, origin: str):
    return client.request(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )


def test_without_the_setting_no_page_elsewhere_may_call(client, token):
    assert "Access-Control-Allow-Origin" not in preflight(client, "/login", ORIGIN).headers
    assert "Access-Control-Allow-Origin" not in client.get("/me", token, headers={"Origin": ORIGIN}).headers


def test_with_the_setting_the_pages_of_the_list_may_call(stack, client, token):
    with stack.settings.set(CORS):
        response = preflight(client, "/login", ORIGIN)
        assert response.status_code in (200, 204)
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        allowed = response.headers["Access-Control-Allow-Headers"].lower()
        assert "authorization" in allowed and "content-type" in allowed
        for answer in (
            client.get("/me", token, headers={"Origin": ORIGIN}),
            client.get("/me", headers={"Origin": ORIGIN}),
        ):
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com.evil.test",
        "http://app.example.com",
        "https://APP.example.com:8443",
        "null",
        "https://evil.test",
    ],
)
def test_with_the_setting_other_pages_still_may_not(stack, client, token, origin):
    with stack.settings.set(CORS):
        assert "Access-Control-Allow-Origin" not in preflight(client, "/login", origin).headers
        assert "Access-Control-Allow-Origin" not in client.get("/me", token, headers={"Origin": origin}).headers
