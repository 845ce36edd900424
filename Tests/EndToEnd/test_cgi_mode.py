"""The same program as plain CGI under fcgiwrap: no state but the shared table, and limits hold over both; checks too."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import http_sf
import pytest

import stack as stacks
from client import Client, Site
from nginx import Nginx, replaced
from problems import problem
from wait import until

EXAMPLE = stacks.ROOT / "docs" / "examples" / "cgi" / "postern.conf"
LIMIT = '[limits]\ninternal = {{ rate = "{}/minute", per = "user" }}\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cgi")


@pytest.fixture(scope="module")
def cgi(stack, folder):
    """The example of docs/examples/cgi as shipped, with an fcgiwrap of this test; a site like the usual one, which has
    a page for the times when its PHP is away."""
    for name in ("internal", "open"):
        (folder / "www" / name).mkdir(parents=True)
        (folder / "www" / name / "page.txt").write_text("kept\n")
    (folder / "www" / "maintenance.html").write_text("soon\n")
    port = stacks.free_port()
    changes = {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/letsencrypt/live/www.example.com/fullchain.pem": f"{stack.run}/tls/server.crt",
        "/etc/letsencrypt/live/www.example.com/privkey.pem": f"{stack.run}/tls/server.key",
        "root /var/www/html;": f"root {folder}/www; error_page 502 503 504 =200 /maintenance.html;",
        "/run/postern-cgi/fcgiwrap.sock": f"{folder}/fcgiwrap.sock",
        "/usr/sbin/posternd": f"{stacks.PROGRAMS}/posternd",
        # Another settings file; the requirement of an Authorizer says nothing to a CGI program.
        "fastcgi_param GATEWAY_INTERFACE CGI/1.1;": f"fastcgi_param GATEWAY_INTERFACE CGI/1.1; fastcgi_param POSTERN_CONFIG"
        f" {stack.config}; fastcgi_param POSTERN_REQUIREMENT /postern/auth/scope=nobody;",
        "    location /internal/ {": "location /open/ { auth_request /postern/auth; } location /denied/ { deny all; }"
        " add_header X-Who $postern_user always;\n    location /internal/ {",
    }
    nginx = Nginx(folder / "nginx", stack.socket, stack.peer_secret)
    nginx.add("cgi.conf", replaced(EXAMPLE.read_text(), changes))
    with open(folder / "fcgiwrap.log", "wb") as log:
        wrapper = subprocess.Popen(
            ["fcgiwrap", "-c", "2", "-p", f"{stacks.PROGRAMS}/posternd", "-s", f"unix:{folder}/fcgiwrap.sock"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        with nginx.running():
            site = Site(f"https://127.0.0.1:{port}", stack.site.ca, port)
            until(lambda: is_up(site), 20, "nginx and fcgiwrap to answer", every=0.1)
            yield site
    finally:
        os.killpg(wrapper.pid, signal.SIGTERM)  # with its group: it leaves its children behind
        wrapper.wait(20)


def is_up(site: Site) -> bool:
    try:
        return Client(site).get("/healthz").status_code == 200
    except OSError:
        return False


def left(response) -> int:
    [(_, parameters)] = http_sf.parse(response.headers["RateLimit"].encode(), tltype="list")
    return parameters["r"]


def test_a_login_and_a_protected_route(stack, cgi, user):
    client = Client(cgi)
    response = client.login(user.email, user.password)
    assert response.status_code == 200, response.text
    token = response.json()["access_token"]
    stack.confidential.add(token)
    assert client.get("/me", token).json() == {"client_id": user.id, "email": user.email, "client_name": user.name}
    assert Client(stack.site).get("/me", token).status_code == 200


def test_limits_are_shared_with_the_workers(stack, cgi, user, token):
    plain, usual = Client(cgi), Client(stack.site)
    assert [left((plain if number % 2 else usual).get("/me", token)) for number in range(20)] == list(range(19, -1, -1))
    problem(plain.get("/me", token), 429)
    problem(usual.get("/me", token), 429)


def test_errors_and_large_bodies(cgi):
    client = Client(cgi)
    problem(client.get("/me"), 401)
    problem(client.get("/photos/unknown"), 404)
    problem(client.get("/login"), 405)
    problem(client.post("/login", data=b"x" * 100_000, headers={"Content-Type": "application/json"}), 413)
    problem(client.post("/login", data=b"{", headers={"Content-Type": "application/json"}), 400)


def test_disable_is_in_force_on_the_next_request(stack, cgi, user, token):
    client = Client(cgi)
    assert client.get("/me", token).status_code == 200
    assert stack.postern("user", "disable", user.email).returncode == 0
    assert client.get("/me", token).status_code == 401


def test_a_check_passes_and_refuses_as_a_workers_does(stack, cgi, user, token):
    client = Client(cgi)
    with stack.settings.set(LIMIT.format(3)):
        assert problem(client.get("/internal/page.txt"), 401)["code"] == "unauthorized"
        bad = client.get("/internal/page.txt", "a.b.c")
        assert problem(bad, 401)["code"] == "invalid_token"
        assert bad.headers["WWW-Authenticate"].startswith('Bearer realm="postern", error="invalid_token"')
        for _ in range(3):
            response = client.get("/internal/page.txt", token)
            assert (response.status_code, response.text, response.headers["X-Who"]) == (200, "kept\n", user.id)
        refused = client.get("/internal/page.txt", token)
        assert problem(refused, 429)["violated-policies"] == ["internal"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert client.get("/open/page.txt", token).text == "kept\n"
        assert client.post("/open/page.txt", token, data=b"x" * 100_000).status_code == 405  # nginx's own, of a file
    # Without the limit in the settings nobody can meet it.
    assert problem(client.get("/internal/page.txt", token), 403)["code"] == "forbidden"


def test_a_cgi_process_and_two_workers_together_admit_exactly_n(stack, cgi, token, workers_apart, parameters):
    """All three ask in each round at the same time, and more often than the limit lets pass."""
    admitted, rounds = 20, 10
    client = Client(cgi)
    asked = parameters(
        "GET", "/postern/auth/limit=internal", POSTERN_ROLE="check", HTTP_AUTHORIZATION="Bearer " + token
    )

    def ask_worker(number: int) -> bool:
        status = workers_apart[number].ask(asked).status
        assert status in (204, 403)
        return status == 204

    def ask_cgi() -> bool:
        status = client.get("/internal/page.txt", token).status_code
        assert status in (200, 429)
        return status == 200

    ways = [lambda: ask_worker(1), lambda: ask_worker(2), ask_cgi]
    with stack.settings.set(LIMIT.format(admitted)), ThreadPoolExecutor(len(ways)) as pool:
        passed = [list(pool.map(lambda way: way(), ways)) for _ in range(rounds)]
    assert sum(map(sum, passed)) == admitted
    assert [sum(column) >= admitted // len(ways) for column in zip(*passed)] == [True] * len(ways)


def test_without_fcgiwrap_a_protected_location_stays_shut_and_says_when_to_come_again(folder, cgi, token):
    """Also where the site leads a 502 to a page of its own: the check does not inherit that."""
    client = Client(cgi)
    socket = folder / "fcgiwrap.sock"
    away = socket.rename(folder / "fcgiwrap.away")
    try:
        for answer in (
            client.get("/internal/page.txt"),
            client.get("/open/page.txt", token),
            client.get("/me", token),
        ):
            assert problem(answer, 503)["code"] == "unavailable"
            assert answer.headers["Retry-After"] == "5" and "kept" not in answer.text
    finally:
        away.rename(socket)
    assert client.get("/open/page.txt", token).text == "kept\n"


def test_a_403_that_is_nginxs_own_stays_plain(cgi):
    answer = Client(cgi).get("/denied/x")
    assert answer.status_code == 403 and "X-Request-Id" not in answer.headers
