"""What nginx does around a check: what of the location reaches it, how often it is asked, what it may answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import fastcgi
from client import Client, Site
from folders import KEPT
from impostor import Asked, Serve, answer, in_place_of_the_workers, read_request, saying, tapped
from nginx import Nginx
from problems import problem
from stack import free_port

LIMITS = '[limits]\nfiles = { rate = "4/10s", per = "user" }\n'

SERVERS = """
server {{
    listen 127.0.0.1:{gate} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    root {root};
    include snippets/postern.conf;

    location /kept/     {{ auth_request /postern/auth; }}
    location /files/    {{ auth_request /postern/auth/limit=files; }}
    location /wanting/  {{ set $wanted group=ops; fastcgi_param POSTERN_WANTED group=ops; auth_request /postern/auth; }}
    location /jump/     {{ auth_request /postern/auth/limit=files; try_files /none /files/page.txt; }}
    location /shut/     {{ auth_request /postern/auth; deny all; }}
    location /own/      {{ auth_request /postern/auth/limit=files; error_page 404 /open.txt; }}

    # A check that is written as one might: with what it asks for in a parameter.
    set $wanted "";
    location /by-hand/  {{ set $wanted group=ops; auth_request /check-by-hand; }}
    location = /check-by-hand {{
        internal;
        include snippets/postern-params.conf;
        fastcgi_param POSTERN_ROLE   check;
        fastcgi_param POSTERN_WANTED $wanted;
        fastcgi_param POSTERN_ARGS   $args;
        fastcgi_param CONTENT_LENGTH "";
        fastcgi_pass_request_body off;
        fastcgi_pass postern_once;
    }}

    # A name that is in the snippet already.
    location = /healthz {{
        include snippets/postern-params.conf;
        fastcgi_param POSTERN_ROLE   api;
        fastcgi_param CONTENT_LENGTH "";
        fastcgi_param REQUEST_METHOD GET;
        error_page 502 = @postern_away;
        fastcgi_pass postern_once;
    }}
}}
server {{
    listen 127.0.0.1:{whole} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    root {root};
    include snippets/postern.conf;
    auth_request /postern/auth/limit=files;
}}
server {{
    listen 127.0.0.1:{bare} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    root {root};
    include snippets/postern.conf;
}}
"""


@pytest.fixture(scope="module")
def served(stack, tmp_path_factory) -> Iterator[tuple[Nginx, dict[str, Site]]]:
    folder = tmp_path_factory.mktemp("facts")
    root = folder / "www"
    for name in ("kept", "files", "wanting", "shut", "own", "by-hand", "jump"):
        (root / name).mkdir(parents=True)
        (root / name / "page.txt").write_text(KEPT)
        (root / name / "index.html").write_text(KEPT)
    (root / "open.txt").write_text("open\n")
    ports = {"gate": free_port(), "whole": free_port(), "bare": free_port()}
    nginx = Nginx(folder / "etc", stack.socket, stack.peer_secret)
    nginx.add("facts", SERVERS.format(run=stack.run, root=root, **ports))
    with stack.settings.set(LIMITS), nginx.running():
        yield nginx, {name: Site(f"https://127.0.0.1:{port}", stack.site.ca, port) for name, port in ports.items()}


@pytest.fixture
def sites(served) -> dict[str, Site]:
    return served[1]


@pytest.fixture
def listening(stack, served) -> Callable:
    """tapped(), for an nginx that has no connection from before."""

    @contextmanager
    def start() -> Iterator[list[Asked]]:
        with tapped(stack) as asked:
            served[0].close_kept_connections()
            yield asked

    return start


@pytest.fixture
def instead(stack, served) -> Callable:
    """in_place_of_the_workers(), for an nginx that has no connection from before."""

    @contextmanager
    def start(serve: Serve) -> Iterator[None]:
        with in_place_of_the_workers(stack, serve):
            served[0].close_kept_connections()
            yield

    return start


@pytest.fixture
def visitor(sites) -> Client:
    return Client(sites["gate"])


def test_the_snippet_alone_opens_nothing_and_protects_nothing(sites):
    visitor = Client(sites["bare"])
    assert visitor.get("/kept/page.txt").text == KEPT
    for path in ("/postern/auth", "/postern/auth/limit=files", "/postern/login", "/postern/"):
        assert visitor.get(path).status_code == 404, path


def test_what_is_asked_for_reaches_the_check_in_its_path_and_in_no_parameter(listening, visitor, token):
    with listening() as asked:
        assert visitor.get("/files/page.txt?a=b", token).status_code == 200
        assert visitor.get("/wanting/page.txt", token).status_code == 200
    limited, wanting = (request.parameters for request in asked)
    assert (limited["POSTERN_ROLE"], limited["DOCUMENT_URI"]) == ("check", "/postern/auth/limit=files")
    assert wanting["DOCUMENT_URI"] == "/postern/auth"
    assert "group=ops" not in wanting.values()


def test_checks_that_pass_and_checks_that_refuse_come_over_one_kept_connection(listening, visitor, token):
    with listening() as asked:
        for _ in range(4):
            assert visitor.get("/kept/page.txt", token).text == KEPT
            assert visitor.get("/kept/page.txt").status_code == 401
            assert visitor.post("/kept/page.txt").status_code == 401
    checks = [request for request in asked if request.parameters["POSTERN_ROLE"] == "check"]
    assert len(checks) == 12
    assert {request.connection for request in checks} == {1}


def test_a_set_of_the_location_is_undone_in_the_check_and_args_are_empty(listening, visitor, token):
    with listening() as asked:
        # Its path is no requirement that a worker knows, so the answer is no; what nginx sent is the point here.
        assert visitor.get("/by-hand/page.txt?a=b", token).status_code == 403
    check = asked[0].parameters
    assert check["POSTERN_WANTED"] == check["POSTERN_ARGS"] == check["QUERY_STRING"] == ""
    assert check["REQUEST_URI"] == "/by-hand/page.txt?a=b"


def test_a_check_has_no_body_and_its_length_is_empty(listening, visitor, token):
    with listening() as asked:
        assert visitor.post("/kept/page.txt", token, data=b"x" * 1000).status_code == 405
    [check] = asked
    assert (check.body, check.parameters["CONTENT_LENGTH"]) == (b"", "")
    assert check.parameters["REQUEST_METHOD"] == "POST"


def roles(asked) -> list[str]:
    return [request.parameters["POSTERN_ROLE"] for request in asked]


@pytest.mark.parametrize("server, path", [("gate", "/files/page.txt"), ("whole", "/files/page.txt")])
def test_a_request_is_checked_once_and_its_refusal_is_worded_without_another_check(
    listening, sites, token, server, path
):
    visitor = Client(sites[server])
    with listening() as asked:
        assert visitor.get(path, token).status_code == 200
        assert roles(asked) == ["check"]
        problem(visitor.post(path), 401)  # a POST, so that the wording is asked over a connection of its own too
        assert roles(asked) == ["check", "check", "denied"]
    left = [Client(sites[server]).get(path, token).status_code for _ in range(4)]
    assert left == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["/files/", "/jump/page.txt"], ids=["a folder's index", "try_files"])
def test_where_nginx_goes_on_to_another_path_it_asks_again_and_that_is_charged_too(listening, visitor, token, path):
    with listening() as asked:
        assert visitor.get(path, token).text == KEPT
    assert roles(asked) == ["check", "check"]
    assert [visitor.get(path, token).status_code for _ in range(2)] == [200, 429]


def test_a_403_of_nginx_stays_one_and_asks_no_worker_for_words(listening, visitor, token):
    with listening() as asked:
        response = visitor.get("/shut/page.txt", token)
    assert response.status_code == 403 and response.headers["Content-Type"] == "text/html"
    assert "denied" not in roles(asked)


def test_a_forgotten_error_page_stays_closed(instead, visitor, token):
    """A location with an error_page of its own has none of the snippet's."""
    assert [visitor.get("/own/page.txt", token).status_code for _ in range(5)] == [200] * 4 + [403]  # meant: 429
    refused = visitor.get("/own/page.txt")
    assert refused.status_code == 401 and "html" in refused.headers["Content-Type"]
    with instead(saying(b"")):
        assert visitor.get("/own/page.txt", token).status_code == 500


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content", "206 Partial Content", "299 Odd"])
def test_any_2xx_opens_so_nothing_but_a_pass_may_answer_one(instead, visitor, status):
    with instead(saying(answer(f"Status: {status}\r\n\r\n".encode()))):
        assert visitor.get("/kept/page.txt").text == KEPT


@pytest.mark.parametrize("status", ["301 Moved", "400 Bad", "404 Not Found", "418 Teapot", "429 Too Many", "503 Away"])
def test_what_is_neither_2xx_nor_401_nor_403_is_a_500_to_nginx_and_a_503_to_the_client(instead, visitor, status):
    with instead(saying(answer(f"Status: {status}\r\nRetry-After: 77\r\n\r\n".encode()))):
        response = visitor.get("/kept/page.txt")
    assert problem(response, 503)["code"] == "unavailable"
    assert response.headers["Retry-After"] == "5"  # the 77 is lost


@pytest.mark.parametrize(
    "role, path", [("check", "/kept/page.txt"), ("denied", "/kept/page.txt"), ("page", "/postern/a")]
)
def test_a_redirect_inside_nginx_is_not_followed(instead, visitor, role, path):
    """X-Accel-Redirect to an open page would be a 200, which opens where a check says it."""
    refusal = b"Status: 403\r\nX-Postern-Status: 403\r\nX-Postern-Detail: code=forbidden\r\n"
    jump = b"X-Accel-Redirect: /open.txt\r\n"

    def serve(connection) -> None:
        while (request := read_request(connection)) is not None:
            ours = request.parameters["POSTERN_ROLE"] == role
            connection.sendall(answer(refusal + (jump if ours else b"") + b"\r\n"))

    with instead(serve):
        response = visitor.post(path)  # over connections that are not kept
    assert response.status_code == 403
    assert "open" not in response.text and KEPT not in response.text
    assert not [name for name in response.headers if name.lower().startswith("x-accel")]


def test_a_repeated_parameter_is_sent_twice_and_the_worker_closes(instead, visitor):
    seen: list[bytes] = []
    done = threading.Event()

    def serve(connection) -> None:
        seen.append(connection.recv(65536))
        done.set()

    with instead(serve):
        assert visitor.get("/healthz").status_code == 503
        assert done.wait(10)
    pair = fastcgi.pairs({"REQUEST_METHOD": "GET"})
    assert seen[0].count(pair) == 2
    assert problem(visitor.get("/healthz"), 503)["code"] == "unavailable"


def test_repeated_headers_of_a_client_reach_the_check_in_either_form_and_change_nothing(visitor, token):
    """nginx before 1.23 hands them over one by one, later ones join them with a comma."""
    repeated = ["X-A: 1", "X-A: 2", "Remote-User: a", "Remote-User: b", "Cookie: c=1", "Cookie: c=2"]
    head = "\n".join(["GET /kept/page.txt HTTP/1.1", "Host: 127.0.0.1", *repeated])
    with visitor.connection() as connection:
        assert connection.ask(head).status == 401
        assert connection.ask(f"{head}\nAuthorization: Bearer {token}").status == 200
    for first, second in ((token, "a.b.c"), ("a.b.c", token)):
        with visitor.connection() as connection:
            twice = f"{head}\nAuthorization: Bearer {first}\nAuthorization: Bearer {second}"
            assert connection.ask(twice).status == 400


def test_what_a_check_answers(served, direct, parameters, token):
    def ask(**more: str):
        with direct() as connection:
            return connection.ask(parameters("GET", "/postern/auth", POSTERN_ROLE="check", **more))

    refused = ask()
    assert (refused.status, refused.headers["x-postern-status"]) == (401, "401")
    assert refused.headers["x-postern-detail"].startswith("code=unauthorized")
    unknown = ask(DOCUMENT_URI="/postern/auth/grup=ops")
    assert (unknown.status, unknown.headers["x-postern-status"]) == (403, "403")
    limited = dict(DOCUMENT_URI="/postern/auth/limit=files", HTTP_AUTHORIZATION=f"Bearer {token}")
    answers = [ask(**limited) for _ in range(5)]
    assert [answer.status for answer in answers] == [204] * 4 + [403]
    assert answers[-1].headers["x-postern-status"] == "429"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
    for passed in answers[:4]:
        assert not [name for name in passed.headers if name.startswith("x-postern")]
        assert passed.headers["remote-user"] and "ratelimit" in passed.headers
