"""The same program as plain CGI under fcgiwrap: no state but the shared table, and limits hold over both; checks too."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import http_sf
import pytest

import stack as stacks
from client import Client, Site
from problems import problem
from wait import until

NGINX = """daemon off; pid {run}/nginx-cgi.pid; error_log {run}/nginx-cgi.log; {user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {run}/tls/server.crt; ssl_certificate_key {run}/tls/server.key;
        fastcgi_param GATEWAY_INTERFACE CGI/1.1;
        fastcgi_param SCRIPT_FILENAME   {run}/postern.cgi;
        fastcgi_param REQUEST_METHOD    $request_method;
        fastcgi_param REQUEST_SCHEME    $scheme;
        fastcgi_param HTTPS             $https;
        fastcgi_param DOCUMENT_URI      $document_uri;
        fastcgi_param QUERY_STRING      $query_string;
        fastcgi_param CONTENT_TYPE      $content_type;
        fastcgi_param CONTENT_LENGTH    $cgi_length;
        fastcgi_param REMOTE_ADDR       $remote_addr;
        fastcgi_param REQUEST_ID        $request_id;
        fastcgi_param POSTERN_ROLE      $cgi_role;
        fastcgi_param POSTERN_DETAIL    $cgi_detail;
        fastcgi_param POSTERN_PEER      "{secret}";
        # Of an Authorizer alone: for a Responder, and for a CGI program, it says nothing.
        fastcgi_param POSTERN_REQUIREMENT /postern/auth;
        set $cgi_role api;
        set $cgi_length $content_length;
        set $cgi_detail "";
        location / {{
            fastcgi_pass unix:{run}/fcgiwrap.sock;
        }}
        location /kept/ {{
            root {run}/cgi-site;
            auth_request /postern/auth/limit=cgi;
            auth_request_set $cgi_detail $upstream_http_x_postern_detail;
            auth_request_set $cgi_user $upstream_http_remote_user;
            add_header X-Who $cgi_user always;
            error_page 401 403 = @denied;
        }}
        location /open/ {{
            alias {run}/cgi-site/kept/;
            auth_request /postern/auth;
            error_page 401 403 = @denied;
        }}
        location /postern/auth {{
            internal;
            set $cgi_role check;
            set $cgi_length "";
            fastcgi_pass_request_body off;
            fastcgi_pass unix:{run}/fcgiwrap.sock;
        }}
        location @denied {{
            set $cgi_role denied;
            set $cgi_length "";
            fastcgi_pass_request_body off;
            fastcgi_pass unix:{run}/fcgiwrap.sock;
        }}
    }}
}}
"""

LIMIT = '[limits]\ncgi = {{ rate = "{}/minute", per = "user" }}\n'


@pytest.fixture(scope="module")
def cgi(stack):
    """An nginx and an fcgiwrap of this test; a site like the usual one."""
    run, port = stack.run, stacks.free_port()
    script = run / "postern.cgi"
    script.write_text(f"#!/bin/sh\nPOSTERN_CONFIG={stack.config} exec {stacks.PROGRAMS}/posternd \"$@\"\n")
    script.chmod(0o755)
    (run / "cgi-site" / "kept").mkdir(parents=True)
    (run / "cgi-site" / "kept" / "page.txt").write_text("kept\n")
    user = "user root;" if run.owner() == "root" else ""
    configuration = run / "nginx-cgi.conf"
    configuration.write_text(NGINX.format(run=run, port=port, secret=stack.peer_secret, user=user))
    with open(run / "cgi.log", "wb") as log:
        processes = [
            subprocess.Popen(
                ["fcgiwrap", "-c", "2", "-s", f"unix:{run}/fcgiwrap.sock"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ),
            subprocess.Popen(
                ["nginx", "-c", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ),
        ]
    try:
        site = Site(f"https://127.0.0.1:{port}", stack.site.ca, port)
        until(lambda: is_up(site), 20, "nginx and fcgiwrap to answer", every=0.1)
        yield site
    finally:
        for process in processes:  # with its group: fcgiwrap leaves its children behind
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            process.wait(20)


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
        assert problem(client.get("/kept/page.txt"), 401)["code"] == "unauthorized"
        bad = client.get("/kept/page.txt", "a.b.c")
        assert problem(bad, 401)["code"] == "invalid_token"
        assert bad.headers["WWW-Authenticate"].startswith('Bearer realm="postern", error="invalid_token"')
        for _ in range(3):
            response = client.get("/kept/page.txt", token)
            assert (response.status_code, response.text, response.headers["X-Who"]) == (200, "kept\n", user.id)
        refused = client.get("/kept/page.txt", token)
        assert problem(refused, 429)["violated-policies"] == ["cgi"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert client.get("/open/page.txt", token).text == "kept\n"
        assert client.post("/open/page.txt", token, data=b"x" * 100_000).status_code == 405  # nginx's own, of a file
    # Without the limit in the settings nobody can meet it.
    assert problem(client.get("/kept/page.txt", token), 403)["code"] == "forbidden"


def test_a_cgi_process_and_two_workers_together_admit_exactly_n(stack, cgi, token, workers_apart, parameters):
    """All three ask in each round at the same time, and more often than the limit lets pass."""
    admitted, rounds = 20, 10
    client = Client(cgi)
    asked = parameters(
        "GET", "/postern/auth/limit=cgi", POSTERN_ROLE="check", HTTP_AUTHORIZATION="Bearer " + token
    )

    def ask_worker(number: int) -> bool:
        status = workers_apart[number].ask(asked).status
        assert status in (204, 403)
        return status == 204

    def ask_cgi() -> bool:
        status = client.get("/kept/page.txt", token).status_code
        assert status in (200, 429)
        return status == 200

    ways = [lambda: ask_worker(1), lambda: ask_worker(2), ask_cgi]
    with stack.settings.set(LIMIT.format(admitted)), ThreadPoolExecutor(len(ways)) as pool:
        passed = [list(pool.map(lambda way: way(), ways)) for _ in range(rounds)]
    assert sum(map(sum, passed)) == admitted
    assert [sum(column) >= admitted // len(ways) for column in zip(*passed)] == [True] * len(ways)
