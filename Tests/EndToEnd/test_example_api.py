"""docs/examples/nginx/api.conf as shipped, and with a protected location of the site's own beside the API."""

import pytest

from client import Client
from examples import prepared
from folders import KEPT
from impostor import answer, in_place_of_the_workers, saying
from problems import problem


@pytest.fixture(scope="module")
def served(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    root = folder / "www"
    (root / "internal").mkdir(parents=True)
    (root / "internal" / "page.txt").write_text(KEPT)
    own = f"location /internal/ {{ root {root}; auth_request /postern/auth; }}\n\n    "
    nginx, site = prepared(stack, folder, "api.conf", {"location / {": own + "location / {"})
    with nginx.running():
        yield nginx, site


@pytest.fixture
def visitor(served) -> Client:
    return Client(served[1])


def test_a_token_of_the_api_opens_the_location_beside_it(stack, visitor, user):
    answer = visitor.login(user.email, user.password)
    assert answer.status_code == 200
    token = answer.json()["access_token"]
    stack.confidential.add(token)
    assert visitor.get("/me", token).json()["email"] == user.email
    assert visitor.get("/internal/page.txt", token).text == KEPT
    assert problem(visitor.get("/internal/page.txt"), 401)["code"] == "unauthorized"


def test_answers_of_the_api_are_not_the_gates(visitor):
    for path, status in (("/me", 401), ("/nothing", 404), ("/nothing.txt", 404), ("/login", 405)):
        problem(visitor.get(path), status)


@pytest.mark.parametrize("method, path", [("GET", "/me"), ("POST", "/login")])
def test_what_an_answer_orders_nginx_to_do_is_not_done(stack, served, visitor, method, path):
    orders = b"X-Accel-Redirect: /nothing\r\nX-Accel-Charset: koi8-r\r\n"
    said = answer(b"Status: 200 OK\r\nContent-Type: text/plain\r\n" + orders + b"\r\nfine")
    with in_place_of_the_workers(stack, saying(said)):
        served[0].close_kept_connections()
        response = visitor.request(method, path)
    assert (response.status_code, response.text) == (200, "fine")
    assert response.headers["Content-Type"] == "text/plain"
    assert not [name for name in response.headers if name.lower().startswith("x-accel")]


def test_without_a_worker_both_are_a_worded_503(stack, served, visitor, token):
    away = stack.socket.with_name("postern.sock.away")
    stack.socket.rename(away)
    try:
        served[0].close_kept_connections()
        answers = [visitor.get(path, token) for path in ("/me", "/internal/page.txt", "/postern/login")]
        answers.append(visitor.login("anna@example.test", "a wrong password"))
    finally:
        away.rename(stack.socket)
    for response in answers:
        assert problem(response, 503)["code"] == "unavailable"
        assert response.headers["Retry-After"] == "5"
