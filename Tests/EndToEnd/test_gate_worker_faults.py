"""Workers that are dead, slow or talk nonsense: a protected location opens for a 2xx answer and for nothing else."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import fastcgi
import folders
import impostor
from client import Client
from gate import close_kept_connections, protected
from impostor import answer, in_place_of_the_workers, saying
from load import Load
from problems import problem

PROMISED = 5  # seconds: fastcgi_read_timeout of the check
PASS = b"Status: 204 No Content\r\n\r\n"
REFUSAL = b"Status: 401 Unauthorized\r\nX-Postern-Status: 401\r\nX-Postern-Detail: code=unauthorized\r\n\r\n"


def status(line: bytes) -> bytes:
    return answer(b"Status: " + line + b"\r\nContent-Type: text/plain\r\n\r\n")


def stdout(data: bytes, request: int = 1) -> bytes:
    return fastcgi.record(fastcgi.STDOUT, data, request=request)


# What no worker of ours ever says, and what is made of it: closed, and 503 since nobody knows whom it was meant for.
NONSENSE = {
    "nothing": b"",
    "half a record's head": stdout(PASS)[:5],
    "a record that ends in its status": stdout(PASS)[:19],
    "a head without its end": stdout(PASS[:-2]),
    "a head without its end, and an end of the request": stdout(PASS[:-2]) + impostor.end(),
    "an end of the request and no answer": impostor.end(),
    "an end of the request, then a 204": impostor.end(impostor.OVERLOADED) + stdout(PASS),
    "a 204 on the stream of errors": fastcgi.record(fastcgi.STDERR, PASS) + impostor.end(),
    "a 204 for another request": stdout(PASS, request=2) + impostor.end(),
    "a 204 in a record of unknown type": fastcgi.record(11, PASS) + impostor.end(),
    "a 204 in a record of version 2": b"\x02" + stdout(PASS)[1:] + impostor.end(),
    "a 204 without a record around it": PASS,
    "HTTP in place of FastCGI": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "zeros": bytes(64),
    "a head of 64 KiB": answer(b"Status: 204 No Content\r\nX-Long: " + b"a" * 60000 + b"\r\n\r\n"),
    "a head line without a name": answer(b"Status: 204 No Content\r\n: nothing\x00\r\n\r\n"),
    "a status that is a word": status(b"two hundred"),
    "a status of one digit": status(b"2"),
    "a negative status": status(b"-204"),
    "100": status(b"100 Continue"),
    "302 to a login of its own": answer(b"Status: 302 Found\r\nLocation: /open.txt\r\n\r\n"),
    "a redirect inside nginx": answer(b"Location: /open.txt\r\n\r\n"),
    "404": status(b"404 Not Found"),
    "429": status(b"429 Too Many Requests"),
    "500": status(b"500 Internal Server Error"),
    "503": status(b"503 Service Unavailable"),
}


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    ways = {"kept": "", "limited": "/limit=wide"}
    root = folders.make_root(tmp_path_factory.mktemp("site"), ways)
    with (
        stack.settings.set('[limits]\nwide = { rate = "1000/second", per = "address" }\n'),
        protected(stack, root, folders.locations(ways)) as site,
    ):
        yield site


def assert_shut(response) -> None:
    body = problem(response, 503)
    assert body["code"] == "unavailable"
    assert int(response.headers["Retry-After"]) >= 1
    assert folders.KEPT not in response.text


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_keeps_the_location_shut(stack, visitor, data):
    with in_place_of_the_workers(stack, saying(data)):
        assert_shut(visitor.get("/kept/page.txt"))
    assert visitor.get("/kept/page.txt").status_code == 401


@pytest.mark.parametrize("line", [b"401 Unauthorized", b"403 Forbidden"])
def test_a_refusal_that_does_not_say_what_it_means_is_a_plain_403(stack, visitor, line):
    with in_place_of_the_workers(stack, saying(status(line))):
        response = visitor.get("/kept/page.txt")
    assert response.status_code == 403 and folders.KEPT not in response.text


@pytest.mark.parametrize(
    "head",
    [
        b"Status: 200 OK\r\n\r\n",
        PASS,
        b"Status: 206 Partial Content\r\n\r\n",
        b"Status: 299 Fine\r\n\r\n",
        b"Content-Type: text/plain\r\n\r\n",  # no status is 200, RFC 3875 section 6.3.3
        b"\n",
    ],
)
def test_any_2xx_opens_which_is_why_the_worker_has_one_place_that_says_one(stack, visitor, head):
    for protocol_status in (impostor.COMPLETE, impostor.OVERLOADED):  # nginx does not read it
        with in_place_of_the_workers(stack, saying(answer(head, protocol_status))):
            assert visitor.get("/kept/page.txt").text == folders.KEPT


class Talker:
    """Says `check` to every check; words a refusal as the worker does."""

    def __init__(self, check: bytes = b"", denied: bytes = answer(b"Status: 401 Unauthorized\r\n\r\nno")):
        self.check = check
        self.denied = denied

    def __call__(self, connection) -> None:
        asked = impostor.read_request(connection)
        if asked is not None:
            connection.sendall(self.check if asked.parameters["POSTERN_ROLE"] == "check" else self.denied)


def test_random_framing_around_a_refusal_never_opens(stack, visitor):
    """Every byte may be another one but those of the refusal itself. What fails behind a good head ends the request
    without an answer: nginx cannot take the head back."""
    chance = random.Random(4)
    valid = answer(REFUSAL)
    framing = [at for at in range(len(valid)) if not 8 <= at < 8 + len(REFUSAL)]
    talker = Talker()
    with in_place_of_the_workers(stack, talker):
        for _ in range(100):
            said = bytearray(valid)
            for at in chance.sample(framing, chance.randint(1, 6)):
                said[at] = chance.randrange(256)
            talker.check = bytes(said)
            # POST: its refusal is worded over a fresh connection too, by the talker.
            try:
                response = visitor.post("/kept/page.txt")
            except requests.ConnectionError:
                continue
            assert response.status_code in (401, 403, 503) and folders.KEPT not in response.text, talker.check


def test_random_bytes_never_open(stack, visitor):
    chance = random.Random(44)
    talker = Talker()
    with in_place_of_the_workers(stack, talker):
        for _ in range(40):
            for start in (b"", b"\x01", b"\x01\x06\x00\x02"):  # the more of a record's head, the further nginx reads
                talker.check = start + chance.randbytes(chance.randint(1, 4000))
                assert_shut(visitor.get("/kept/page.txt"))


@pytest.mark.parametrize("denied", [b"", PASS, stdout(PASS)[:19]], ids=["nothing", "no record", "half a record"])
def test_a_good_refusal_whose_wording_fails_stays_shut(stack, visitor, denied):
    """nginx's own page: within an error page it follows no other one, unless the whole site does so."""
    with in_place_of_the_workers(stack, Talker(answer(REFUSAL), denied)):
        response = visitor.post("/kept/page.txt")
    assert response.status_code == 502 and folders.KEPT not in response.text


def test_a_worker_that_stops_in_the_middle_of_its_answer_is_given_up_in_time(stack, visitor):
    over = threading.Event()

    def serve(connection) -> None:
        impostor.read_request(connection)
        connection.sendall(stdout(PASS)[:19])
        over.wait(60)

    with in_place_of_the_workers(stack, serve):
        start = time.monotonic()
        assert_shut(visitor.get("/kept/page.txt"))
        assert time.monotonic() - start <= 3 * PROMISED
        over.set()


def test_frozen_workers_shut_the_location_for_everybody_in_time(stack, site, token):
    def ask(number: int):
        start = time.monotonic()
        response = Client(site).get("/limited/page.txt" if number % 2 else "/kept/page.txt", token)
        return time.monotonic() - start, response

    assert Client(site).get("/kept/page.txt", token).text == folders.KEPT
    for number in (1, 2):
        stack.workers.send(number, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(ask, range(20)))
    finally:
        for number in (1, 2):
            stack.workers.send(number, signal.SIGCONT)
    for took, response in answers:
        assert_shut(response)
        assert took <= 3 * PROMISED
    assert Client(site).get("/kept/page.txt", token).text == folders.KEPT


@pytest.mark.parametrize("left", ["nothing", "a file", "a socket that nobody listens on"])
def test_without_the_socket_it_is_shut_at_once_and_comes_back(stack, visitor, token, left):
    away = stack.socket.with_name("postern.sock.away")
    stack.socket.rename(away)
    try:
        if left == "a file":
            stack.socket.write_text("")
        if left == "a socket that nobody listens on":
            os.mknod(stack.socket, 0o140660)
        close_kept_connections(stack)
        for path in ("/kept/page.txt", "/limited/page.txt"):
            assert_shut(visitor.get(path, token))
            assert_shut(visitor.post(path))
    finally:
        stack.socket.unlink(missing_ok=True)
        away.rename(stack.socket)
    assert visitor.get("/kept/page.txt", token).text == folders.KEPT


@pytest.mark.ends_workers
def test_while_workers_are_killed_nobody_gets_in_who_may_not(stack, site, token):
    strangers = Load(lambda: Client(site).get("/kept/page.txt").status_code, threads=2)
    users = Load(lambda: Client(site).get("/kept/page.txt", token).status_code, threads=2)
    with strangers.running(), users.running():
        for number in (1, 2, 1, 2):
            stack.workers.end(number, signal.SIGKILL)
    assert len(strangers.answers) > 10 and set(strangers.answers) <= {401, 502, 503}
    assert 200 in users.answers and set(users.answers) <= {200, 503}
    assert not strangers.failures and not users.failures
    assert Client(site).get("/kept/page.txt", token).text == folders.KEPT


@pytest.mark.ends_workers
def test_a_restart_of_the_workers_loses_no_check(stack, site, token):
    """The check is a GET to nginx, whatever the request is, so it is sent again where a kept connection has ended."""
    pages = Load(lambda: Client(site).get("/kept/page.txt", token).status_code, threads=2)
    posts = Load(lambda: Client(site).post("/kept/page.txt", token, data=b"x" * 1000).status_code, threads=2)
    refused = Load(lambda: Client(site).get("/kept/page.txt").status_code, threads=1)
    refused_posts = Load(lambda: Client(site).post("/kept/page.txt", data=b"x" * 1000).status_code, threads=1)
    with pages.running(), posts.running(), refused.running(), refused_posts.running():
        for number in (1, 2, 1, 2):
            stack.workers.end(number, signal.SIGTERM)
    assert not pages.failures + posts.failures + refused.failures + refused_posts.failures
    assert len(pages.answers) > 10 and set(pages.answers) == {200}
    assert len(posts.answers) > 10 and set(posts.answers) == {405}  # nginx takes none for a file, of those who pass
    assert len(refused.answers) > 10 and set(refused.answers) == {401}
    assert len(refused_posts.answers) > 10 and set(refused_posts.answers) == {401}
