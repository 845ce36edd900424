"""Who an application believes it is talking to: the ways in which nginx lets a client say so, and what closes them."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import application
from client import Client, Site
from nginx import Nginx
from php import php_fpm, tell
from stack import free_port
from wait import until

BASIC = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
PHP = "include snippets/fastcgi-php.conf; {more} fastcgi_pass unix:{php};"
IDENTITY = "include snippets/postern-identity-fastcgi.conf;"
PROXY = "include proxy_params; {more} proxy_pass http://127.0.0.1:{app}/;"
HEADERS = "include snippets/postern-identity-proxy.conf;"

SERVERS = {
    "php": """
        location /bare/  { location ~ [.]php$ { PHP() } }
        location /early/ { location ~ [.]php$ { include snippets/postern-identity-fastcgi.conf; PHP() } }
        location /told/  { location ~ [.]php$ { PHP(IDENTITY) } }
        location /twice/ { location ~ [.]php$ { PHP(fastcgi_param X_TWICE one; fastcgi_param X_TWICE two;) } }
        location ^~ /front/ { auth_request /postern/auth; try_files /none /told/index.php; }
        location ^~ /kept/  { auth_request /postern/auth; location ~ [.]php$ { PHP(IDENTITY) } }
    """,
    "libfcgi": """
        location = /tell.cgi {
            include fastcgi.conf;
            include snippets/postern-identity-fastcgi.conf;
            fastcgi_pass unix:{libfcgi};
        }
        location ^~ /both/ {
            alias {www};
            include snippets/postern-identity-fastcgi.conf;
            include fastcgi_params;
            include snippets/postern-identity-fastcgi.conf;
            fastcgi_param SCRIPT_FILENAME $request_filename;
            fastcgi_pass unix:{libfcgi};
        }
    """,
    "wordpress without ^~": """
        location / { try_files $uri $uri/ /index.php?$args; }
        location ~ [.]php$ { PHP(IDENTITY) }
        location /kept/ { auth_request /postern/auth; }
    """,
    "wordpress with ^~": """
        location / { try_files $uri $uri/ /index.php?$args; }
        location ~ [.]php$ { PHP(IDENTITY) }
        location ^~ /kept/ { auth_request /postern/auth; location ~ [.]php$ { PHP(IDENTITY) } }
    """,
    "proxy": """
        proxy_set_header Remote-User $postern_user;
        location /bare/   { PROXY() }
        location /server/ { auth_request /postern/auth; PROXY(proxy_set_header X-Other 1;) }
        location /told/   { auth_request /postern/auth; PROXY(HEADERS) }
        location /open/   { PROXY(HEADERS) }
    """,
    "underscores": """
        underscores_in_headers on;
        location /php/  { location ~ [.]php$ { PHP(IDENTITY) } }
        location /bare/ { PROXY() }
        location /open/ { PROXY(HEADERS) }
    """,
    "invalid headers": """
        ignore_invalid_headers off;
        location /php/  { location ~ [.]php$ { PHP(IDENTITY) } }
    """,
}


# Programs behind fcgiwrap, which is built on libfcgi. Which of two values counts is up to each.
SHELL = """#!/bin/sh
printf 'Content-Type: application/json\\n\\n{"REMOTE_USER": "%s"}' "$REMOTE_USER"
"""
PYTHON = """#!/usr/bin/python3 -I
import json, os
print("Content-Type: application/json\\n")
print(json.dumps(dict(os.environ)))
"""


@contextmanager
def fcgiwrap(folder: Path) -> Iterator[Path]:
    """Runs it while it holds; gives the socket that it listens on."""
    socket = folder / "fcgiwrap.sock"
    with open(folder / "fcgiwrap.log", "wb") as log:
        process = subprocess.Popen(
            ["fcgiwrap", "-s", f"unix:{socket}"],
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        until(socket.exists, 10, "fcgiwrap to listen")
        yield socket
    finally:
        process.terminate()
        process.wait(20)


def written_out(text: str, php: str, app: int) -> str:
    text = text.replace("PHP(IDENTITY)", PHP.replace("{more}", IDENTITY)).replace("PHP()", PHP.replace("{more}", ""))
    text = text.replace("PROXY(HEADERS)", PROXY.replace("{more}", HEADERS)).replace(
        "PROXY()", PROXY.replace("{more}", "")
    )
    for start, form in (("PHP(", PHP), ("PROXY(", PROXY)):
        while start in text:
            before, rest = text.split(start, 1)
            more, after = rest.split(")", 1)
            text = before + form.replace("{more}", more) + after
    return text.replace("{php}", php).replace("{app}", str(app))


@pytest.fixture(scope="module")
def sites(stack, tmp_path_factory) -> dict[str, Site]:
    folder = tmp_path_factory.mktemp("identity")
    root = folder / "www"
    scripts = [f"{name}/index.php" for name in ("bare", "early", "told", "twice", "kept", "php")]
    tell(root, "index.php", *scripts)
    for name, text in {"tell.cgi": PYTHON, "tell.sh": SHELL}.items():
        (root / name).write_text(text)
        (root / name).chmod(0o755)
    nginx = Nginx(folder / "etc", stack.socket, stack.peer_secret)
    sites = {}
    with php_fpm(folder) as php, fcgiwrap(folder) as wrapped, application.running() as behind:
        for name, locations in SERVERS.items():
            port = free_port()
            head = f"listen 127.0.0.1:{port} ssl; root {root}; index index.php; include snippets/postern.conf;"
            tls = f"ssl_certificate {stack.run}/tls/server.crt; ssl_certificate_key {stack.run}/tls/server.key;"
            locations = locations.replace("{libfcgi}", str(wrapped)).replace("{www}", f"{root}/")
            nginx.add(name, f"server {{ {head} {tls} {written_out(locations, str(php), behind.port)} }}\n")
            sites[name] = Site(f"https://127.0.0.1:{port}", stack.site.ca, port)
        with nginx.running():
            yield sites


@pytest.fixture
def ask(sites):
    """What the application of a server was told, as JSON."""

    def ask(server: str, path: str, token: str | None = None, **headers: str) -> dict:
        response = Client(sites[server]).get(path, token, headers=headers)
        assert response.status_code == 200, response.text
        return response.json()

    return ask


def raw(site: Site, path: str, *lines: str) -> dict:
    """The same for headers that no library would send."""
    with Client(site).connection() as connection:
        answer = connection.ask("\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *lines]))
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def test_debians_fastcgi_conf_takes_the_name_of_a_basic_header_for_remote_user(ask):
    assert ask("php", "/bare/index.php", **BASIC)["REMOTE_USER"] == "root"


def test_the_snippet_behind_it_ends_that_and_before_it_does_not(ask):
    assert ask("php", "/told/index.php", **BASIC)["REMOTE_USER"] == ""
    assert ask("php", "/early/index.php", **BASIC)["REMOTE_USER"] == "root"


def test_without_the_snippet_a_header_reaches_php_under_its_http_name(ask):
    assert ask("php", "/bare/index.php", **{"Remote-User": "root"})["HTTP_REMOTE_USER"] == "root"
    assert "HTTP_REMOTE_USER" not in ask("php", "/told/index.php", **{"Remote-User": "root"})


def test_of_a_repeated_parameter_php_takes_the_last(ask):
    assert ask("php", "/twice/index.php")["X_TWICE"] == "two"


def test_of_a_repeated_parameter_a_program_on_libfcgi_takes_the_first(ask):
    """So the snippet stands on both sides there."""
    assert ask("libfcgi", "/tell.cgi", **BASIC)["REMOTE_USER"] == "root"
    for script in ("tell.cgi", "tell.sh"):
        assert ask("libfcgi", f"/both/{script}", **BASIC)["REMOTE_USER"] == ""


def test_who_it_is_outlives_the_way_to_a_front_controller(ask, user, token):
    told = ask("php", "/front/any/path", token)
    assert (told["REMOTE_USER"], told["AUTH_TYPE"]) == (user.id, "Postern")


def test_after_a_refusal_nobody_is_left_over_from_an_earlier_request(ask, sites, user, token):
    visitor = Client(sites["php"])
    for _ in range(3):  # on one connection
        assert visitor.get("/kept/index.php", token).json()["REMOTE_USER"] == user.id
        assert visitor.get("/kept/index.php").status_code == 401
        assert visitor.get("/told/index.php").json()["REMOTE_USER"] == ""


def test_a_php_location_beside_a_prefix_answers_what_was_to_be_kept(sites, ask):
    assert ask("wordpress without ^~", "/kept/index.php")["ran"] == "index.php"
    assert ask("wordpress without ^~", "/")["ran"] == "index.php"
    closed = Client(sites["wordpress with ^~"])
    assert closed.get("/kept/index.php").status_code == closed.get("/kept/").status_code == 401
    assert closed.get("/").json()["ran"] == "index.php"


def test_proxy_set_header_of_the_server_is_dropped_by_a_location_with_its_own(ask, user, token):
    assert ask("proxy", "/server/", token, **{"Remote-User": "root"})["remote-user"] == ["root"]
    assert ask("proxy", "/told/", token, **{"Remote-User": "root"})["remote-user"] == [user.id]


def test_the_snippet_clears_the_headers_of_an_open_location(ask):
    forged = {"Remote-User": "root", "REMOTE-groups": "admins"}
    assert ask("proxy", "/bare/", **forged)["remote-groups"] == ["admins"]
    assert not [name for name in ask("proxy", "/open/", **forged) if name.startswith("remote")]


def test_with_underscores_allowed_no_spelling_gets_through_either(sites):
    lines = (
        "Remote_User: root",
        "REMOTE_GROUPS: admins",
        "remote-User: root",
        "Remote_Scopes: all",
        "Remote-Name: root",
    )
    site = sites["underscores"]
    assert raw(site, "/bare/", *lines)["remote_user"] == ["root"]
    assert not [name for name in raw(site, "/open/", *lines) if name.startswith("remote")]
    told = raw(site, "/php/index.php", *lines)
    assert {name: told[name] for name in told if name.startswith(("REMOTE_USER", "HTTP_REMOTE"))} == {"REMOTE_USER": ""}


def test_php_reads_a_dot_as_an_underscore_once_nginx_lets_such_names_in(sites):
    """Why docs/nginx.md says to leave ignore_invalid_headers alone."""
    forged = "Remote.User: root"
    assert raw(sites["invalid headers"], "/php/index.php", forged)["HTTP_REMOTE_USER"] == "root"
    assert "HTTP_REMOTE_USER" not in raw(sites["underscores"], "/php/index.php", forged)
