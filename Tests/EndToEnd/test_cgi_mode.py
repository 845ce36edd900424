"""The same program as plain CGI under fcgiwrap: no state but the shared table, and the limits hold over both."""

import os
import signal
import subprocess

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
        location / {{
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param SCRIPT_FILENAME   {run}/postern.cgi;
            fastcgi_param REQUEST_METHOD    $request_method;
            fastcgi_param REQUEST_SCHEME    $scheme;
            fastcgi_param HTTPS             $https;
            fastcgi_param DOCUMENT_URI      $document_uri;
            fastcgi_param QUERY_STRING      $query_string;
            fastcgi_param CONTENT_TYPE      $content_type;
            fastcgi_param CONTENT_LENGTH    $content_length;
            fastcgi_param REMOTE_ADDR       $remote_addr;
            fastcgi_param REQUEST_ID        $request_id;
            fastcgi_param POSTERN_ROLE      api;
            fastcgi_param POSTERN_PEER      "{secret}";
            fastcgi_pass unix:{run}/fcgiwrap.sock;
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def cgi(stack):
    """An nginx and an fcgiwrap of this test; a site like the usual one."""
    run, port = stack.run, stacks.free_port()
    script = run / "postern.cgi"
    script.write_text(f"#!/bin/sh\nPOSTERN_CONFIG={stack.config} exec {stacks.PROGRAMS}/posternd \"$@\"\n")
    script.chmod(0o755)
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
