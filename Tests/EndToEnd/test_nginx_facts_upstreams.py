"""conf.d/postern.conf: which connections nginx keeps, what it sends a second time, and what one dead worker costs."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import fastcgi
import nginx as program
from client import Client, Site
from impostor import answer, in_place_of_the_workers, read_request
from nginx import Nginx
from stack import free_port

FINE = answer(b"Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nfine")

SERVER = """
upstream as_by_default {{ server unix:{socket}; server unix:{socket}; }}
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    include snippets/postern.conf;
    location /by-default/ {{
        include snippets/postern-params.conf;
        fastcgi_param POSTERN_ROLE   page;
        fastcgi_param CONTENT_LENGTH $content_length;
        fastcgi_pass as_by_default;
    }}
}}
"""


@pytest.fixture
def visitor(stack, tmp_path) -> Iterator[Client]:
    """Of an nginx that has no connection yet."""
    port = free_port()
    nginx = Nginx(tmp_path / "etc", stack.socket, stack.peer_secret)
    nginx.add("upstreams", SERVER.format(socket=stack.socket, port=port, run=stack.run))
    with nginx.running():
        yield Client(Site(f"https://127.0.0.1:{port}", stack.site.ca, port))


@contextmanager
def worker(stack, ends: Callable[[list[str]], bool] = lambda paths: False) -> Iterator[list[list[str]]]:
    """Answers each request, or closes in its place where `ends` says so of the requests that its connection had.

    Gives the paths of each connection."""
    connections: list[list[str]] = []

    def serve(connection) -> None:
        paths: list[str] = []
        connections.append(paths)
        while (request := read_request(connection)) is not None:
            paths.append(request.parameters["DOCUMENT_URI"])
            if ends(paths):
                return
            connection.sendall(FINE)

    with in_place_of_the_workers(stack, serve):
        yield connections


def test_gets_share_a_kept_connection_and_each_post_has_one_of_its_own(stack, visitor):
    with worker(stack) as connections:
        for number in range(3):
            assert visitor.get(f"/postern/get{number}").text == "fine"
        for number in range(3):
            assert visitor.post(f"/postern/post{number}").text == "fine"
    gets = [f"/postern/get{number}" for number in range(3)]
    assert connections == [gets, ["/postern/post0"], ["/postern/post1"], ["/postern/post2"]]


def test_a_get_is_sent_again_when_the_worker_closes_a_kept_connection(stack, visitor):
    with worker(stack, ends=lambda paths: len(paths) == 2) as connections:
        for number in range(6):
            assert visitor.get(f"/postern/{number}").text == "fine"
    assert len(connections) == 6


def test_a_post_is_not_sent_again(stack, visitor):
    with worker(stack, ends=lambda paths: paths == ["/postern/deadly"]) as connections:
        assert visitor.post("/postern/deadly").status_code == 503
    assert connections == [["/postern/deadly"]]


def test_one_request_that_ends_its_worker_shuts_nobody_else_out(stack, visitor):
    with worker(stack, ends=lambda paths: paths[-1].endswith("/deadly")):
        for method in ("GET", "POST"):
            assert visitor.request(method, "/postern/deadly").status_code == 503
            assert [visitor.request(method, "/postern/fine").text for _ in range(3)] == ["fine"] * 3
        # With nginx's own max_fails everybody waits for fail_timeout, 10 s.
        assert visitor.get("/by-default/deadly").status_code == 502
        assert visitor.get("/by-default/fine").status_code == 502


def test_repeated_headers_come_one_by_one_before_nginx_1_23_and_joined_since(stack, visitor):
    seen: list[bytes] = []

    def serve(connection) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(FINE)

    with in_place_of_the_workers(stack, serve), visitor.connection() as connection:
        assert connection.ask("GET /postern/a HTTP/1.1\nHost: 127.0.0.1\nX-A: 1\nX-A: 2").body == b"fine"
    printed = subprocess.run([program.PROGRAM, "-v"], capture_output=True, text=True, timeout=60, check=True).stderr
    version = tuple(int(part) for part in printed.split("nginx/")[1].split()[0].split("."))
    apart = [fastcgi.pairs({"HTTP_X_A": value}) in seen[0] for value in ("1", "2")]
    joined = fastcgi.pairs({"HTTP_X_A": "1, 2"}) in seen[0]
    assert (apart, joined) == (([True, True], False) if version < (1, 23) else ([False, False], True))


def test_an_upstream_cannot_stand_in_a_server_so_it_has_a_file_of_its_own(stack, tmp_path):
    nginx = Nginx(tmp_path / "etc", stack.socket, stack.peer_secret)
    nginx.add("wrong", "server { listen 127.0.0.1:1; upstream inside { server unix:/run/a.sock; } }")
    done = nginx.test()
    assert done.returncode != 0 and '"upstream" directive is not allowed here' in done.stdout
