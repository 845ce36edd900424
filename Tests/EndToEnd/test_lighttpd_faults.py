"""lighttpd with docs/examples/lighttpd/postern.conf when something is wrong: workers that are away, settings, lighttpd."""

import hashlib
import itertools
import re
import signal
import subprocess

import pytest

import application
import fastcgi
import http2
from client import Client
from impostor import answer, end, in_place_of_the_workers, saying
from lighttpd import KEPT, serving
from php import php_fpm
from problems import problem
from wait import until


@pytest.fixture(scope="module")
def php(tmp_path_factory):
    with php_fpm(tmp_path_factory.mktemp("php")) as socket:
        yield socket


@pytest.fixture(scope="module")
def visitor(stack, tmp_path_factory, php):
    with serving(stack, tmp_path_factory.mktemp("lighttpd"), php) as lighttpd:
        yield Client(lighttpd.site)


@pytest.fixture
def variant(stack, tmp_path, php):
    """Makes lighttpds of this test's own."""
    numbers = itertools.count(1)
    return lambda changes=None, more=None: serving(stack, tmp_path / str(next(numbers)), php, changes, more)


def test_a_requirement_that_nobody_knows_is_shut_and_told(stack, variant, token):
    mark = stack.journal.mark()
    with variant({"limit=export": "limit=exprot"}) as lighttpd:
        visitor = Client(lighttpd.site)
        assert problem(visitor.get("/export/list.txt", token), 403)["code"] == "forbidden"
        assert visitor.get("/page.txt", token).text == KEPT
    [event, *_] = stack.journal.wait_for(
        mark, lambda event: event.name == "gate.unknown_requirement", "gate.unknown_requirement"
    )
    assert (event["word"], event["location"]) == ("limit=exprot", "/export/list.txt")


def test_without_the_peer_secret_nobody_is_let_in(stack, variant, token):
    with variant({'( "POSTERN_PEER" => var.postern_peer )': '( "POSTERN_PEER" => "guessed" )'}) as lighttpd:
        assert problem(Client(lighttpd.site).get("/page.txt", token), 403)["code"] == "forbidden"


def test_without_a_worker_the_site_is_shut_and_comes_back(stack, visitor, token):
    assert visitor.get("/page.txt", token).text == KEPT
    for number in (1, 2):
        stack.workers.send(number, signal.SIGSTOP)
    try:
        response = visitor.get("/page.txt", token)
        assert (response.status_code, KEPT in response.text) == (504, False)
    finally:
        for number in (1, 2):
            stack.workers.send(number, signal.SIGCONT)
    until(lambda: visitor.get("/page.txt", token).text == KEPT, 10, "the site to open again")
    stack.socket.rename(stack.run / "postern.sock.away")
    try:
        for path in ("/page.txt", "/page.php", "/none.txt"):
            assert visitor.get(path, token).status_code == 503
    finally:
        (stack.run / "postern.sock.away").rename(stack.socket)
    until(lambda: visitor.get("/page.txt", token).text == KEPT, 10, "the site to open again")


@pytest.mark.ends_workers
def test_while_workers_are_killed_the_site_opens_for_nobody(stack, visitor, token):
    for number in (1, 2):
        stack.workers.end(number, signal.SIGKILL)
        assert visitor.get("/page.txt").status_code in (401, 500, 503)
    until(lambda: visitor.get("/page.txt", token).text == KEPT, 10, "the site to open again")
    problem(visitor.get("/page.txt"), 401)


NO_ANSWER = {
    "nothing": b"",
    "half a record": answer(b"Status: 200 OK\r\n\r\n")[:12],
    "HTTP": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "zeros": bytes(64),
    "a 200 on the stream of errors": fastcgi.record(fastcgi.STDERR, b"Status: 200 OK\r\n\r\n"),
    "a status that is a word": answer(b"Status: two hundred\r\n\r\n"),
    "201": answer(b"Status: 201 Created\r\nContent-Type: text/plain\r\n\r\n"),
    "204, as nginx wants it": answer(b"Status: 204 No Content\r\n\r\n"),
    "302": answer(b"Status: 302 Found\r\nLocation: /page.txt\r\n\r\n"),
}


@pytest.mark.parametrize("words", NO_ANSWER)
def test_somebody_else_who_does_not_say_200_opens_nothing(stack, visitor, token, words):
    with in_place_of_the_workers(stack, saying(NO_ANSWER[words])):
        response = visitor.get("/page.txt", token)
        assert response.status_code != 200 and KEPT not in response.text
    until(lambda: visitor.get("/page.txt", token).text == KEPT, 10, "the site to open again")


def test_an_answer_without_a_status_is_a_yes_to_lighttpd(stack, visitor):
    """Why nobody else may listen on the socket (docs/lighttpd.md); each answer of Postern begins with its status."""
    with in_place_of_the_workers(stack, saying(end())):
        assert visitor.get("/page.txt").text == KEPT


def test_a_body_that_lighttpd_sends_the_check_is_refused_and_reaches_no_application(variant, user, token):
    """HTTP/2 below lighttpd 1.4.77; the example switches it off."""
    body = b"x" * 1000
    whole = f"{user.id} 1000 {hashlib.sha256(body).hexdigest()}"
    printed = subprocess.run(["lighttpd", "-v"], capture_output=True, text=True, timeout=60, check=True).stdout
    version = tuple(int(number) for number in re.findall(r"lighttpd/(\d+)\.(\d+)\.(\d+)", printed)[0])
    with variant({'"server.h2proto" => "disable"': '"server.h2proto" => "enable"'}) as lighttpd:
        answer = http2.post(lighttpd.site, "/body.php", token, body)
        assert (answer.status, user.id in answer.body.decode()) == ((500, False) if version < (1, 4, 77) else (200, True))
    with variant() as lighttpd:
        url = lighttpd.site.url + "/body.php"
        command = ["curl", "-s", "--http2", "--cacert", lighttpd.site.ca, "-w", " %{http_version}", "--data-binary", "@-"]
        command += ["-H", f"Authorization: Bearer {token}", url]
        assert subprocess.run(command, input=body, capture_output=True, timeout=60).stdout.decode() == whole + " 1.1"


def test_an_error_page_of_the_applications_is_told_the_same_user_once(variant, user, token):
    """lighttpd asks again for server.error-handler, and appends to variables that are set."""
    with variant(more={"20-errors.conf": 'server.error-handler = "/error.php"\n'}) as lighttpd:
        response = Client(lighttpd.site).get("/none.txt", token)
        told = response.json()
        assert (told["ran"], told["REMOTE_USER"], told["REMOTE_NAME"]) == ("error.php", user.id, user.name)
        problem(Client(lighttpd.site).get("/none.txt"), 401)


def test_a_request_that_belongs_to_somebody_already_is_shut(variant, token):
    mine = '( "POSTERN_PEER" => var.postern_peer )'
    with variant({mine: '( "POSTERN_PEER" => var.postern_peer, "REMOTE_USER" => "anna" )'}) as lighttpd:
        assert problem(Client(lighttpd.site).get("/page.txt", token), 403)["code"] == "forbidden"


def test_a_module_that_is_loaded_first_answers_first(stack, variant):
    """Why the example is to come before the files of other handlers."""
    block = '$HTTP["host"] == "127.0.0.1" { proxy.server = ( "/app/" => (( "host" => "127.0.0.1", "port" => %d )) ) }\n'
    with application.running() as app:
        proxy = 'server.modules += ( "mod_proxy" )\n' + block % app.port
        for name, status in (("04-proxy.conf", 200), ("10-proxy.conf", 401)):
            with variant(more={name: proxy}) as lighttpd:
                assert Client(lighttpd.site).get("/app/x").status_code == status
