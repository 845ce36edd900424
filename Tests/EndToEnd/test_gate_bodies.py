"""Bodies and the check: a check has none, whatever the request brings, and a page has as many parts as it likes."""

import hashlib
import json
import os
import subprocess

import pytest

import application
import folders
from client import Client, at_once
from gate import protected
from impostor import tapped
from problems import problem

GIB = 1 << 30
MOST_OF_A_CHECK = 16 * 1024  # bytes: a few parameters and the client's own header fields
PARTS = 60

LIMITS = '[limits]\nuploads = { rate = "1000/second", per = "user" }\n'


@pytest.fixture(scope="module")
def upstream():
    with application.running() as running:
        yield running


@pytest.fixture(scope="module")
def site(stack, upstream, tmp_path_factory):
    root = folders.make_root(tmp_path_factory.mktemp("site"), ["page"])
    for number in range(PARTS):
        (root / "page" / f"{number}.png").write_bytes(b"a part of a page")
    streamed = "client_max_body_size 0; proxy_request_buffering off; proxy_http_version 1.1;"
    text = "\n".join(
        [
            folders.locations({"page": ""}),
            upstream.location("/stream/", "", streamed),
            upstream.location("/limited/", "/limit=uploads", streamed),
            upstream.location("/stored/", "", "client_max_body_size 0;"),
        ]
    )
    with stack.settings.set(LIMITS), protected(stack, root, text) as site:
        yield site


def upload(site, path: str, file, token: str | None, *options: str) -> tuple[int, int]:
    """What curl got for a PUT of the file: the status, and how many bytes it sent."""
    words = [
        "curl",
        "--silent",
        "--show-error",
        "--cacert",
        site.ca,
        "--upload-file",
        str(file),
        "--output",
        os.devnull,
    ]
    words += ["--write-out", "%{http_code} %{size_upload}", "--max-time", "120", site.url + path]
    head = f'header = "Authorization: Bearer {token}"\n' if token else ""  # not in an argument
    done = subprocess.run([*words, *options, "--config", "-"], input=head, capture_output=True, text=True, timeout=150)
    # 55, 56, 92: the server had answered and would take no more.
    assert done.returncode in (0, 55, 56, 92), done.stderr
    status, sent = done.stdout.split()
    return int(status), int(sent)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A file of 1 GiB that takes no room, and its SHA-256."""
    file = tmp_path_factory.mktemp("large") / "file"
    with file.open("wb") as out:
        out.truncate(GIB)
        out.seek(GIB - 4)
        out.write(b"last")
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(1 << 20):
            digest.update(part)
    yield file, digest.hexdigest()
    file.unlink()


@pytest.mark.parametrize("path", ["/stream/file", "/stored/file", "/limited/file"])
def test_1_gib_reaches_the_application_whole_and_the_check_not_at_all(stack, site, upstream, token, large, path):
    file, digest = large
    with tapped(stack) as asked:
        assert upload(site, path, file, token) == (200, GIB)
    assert upstream.bodies[-1] == (GIB, digest)
    [check] = asked
    assert check.parameters["POSTERN_ROLE"] == "check" and check.parameters["REQUEST_METHOD"] == "PUT"
    assert check.parameters["CONTENT_LENGTH"] == "" and check.body == b""
    assert check.size <= MOST_OF_A_CHECK


@pytest.mark.parametrize("path", ["/stream/file", "/stored/file"])
@pytest.mark.parametrize("length", [f"Content-Length: {GIB}", "Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_a_refused_upload_is_answered_before_it_is_read(site, upstream, path, length):
    before = len(upstream.asked)
    with Client(site).connection() as connection:
        head = f"PUT {path} HTTP/1.1\nHost: 127.0.0.1\nContent-Type: text/plain\n{length}"
        answer = connection.ask(head, b"50\r\nthe first of many bytes")
    assert answer.status == 401 and json.loads(answer.body)["code"] == "unauthorized"
    assert "Bearer" in answer.headers["www-authenticate"]
    assert len(upstream.asked) == before


@pytest.mark.parametrize("options", [["--http1.1"], ["--http2"], ["--http2", "--header", "Content-Length:"]])
def test_most_of_a_refused_upload_is_never_sent(site, upstream, large, options):
    before = len(upstream.asked)
    status, sent = upload(site, "/stream/file", large[0], None, *options)
    assert status == 401 and sent < GIB / 4
    assert len(upstream.asked) == before


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_refused_body_that_is_sent_whole_is_answered_as_well(site, upstream, tmp_path, version):
    file = tmp_path / "file"
    for size in (1, 1000, 40_000, 300_000):
        file.write_bytes(b"x" * size)
        for _ in range(5):
            assert upload(site, "/stored/file", file, None, version)[0] == 401


def test_neither_the_check_nor_the_wording_reads_the_body_of_a_refused_post(stack, site):
    body = b"a=" + b"x" * 1000
    with tapped(stack) as asked:
        problem(Client(site).post("/stored/form", data=body), 401)
    check, *_ = asked
    assert check.parameters["POSTERN_ROLE"] == "check"
    assert check.parameters["CONTENT_LENGTH"] == "" and check.body == b""
    assert check.size <= MOST_OF_A_CHECK


def test_a_chunked_body_passes_the_check_by_as_well(stack, site, upstream, token):
    def chunks():
        for _ in range(100):
            yield b"y" * 10_000

    with tapped(stack) as asked:
        assert Client(site).post("/stored/chunked", token, data=chunks()).status_code == 200
    assert upstream.bodies[-1] == (1_000_000, hashlib.sha256(b"y" * 1_000_000).hexdigest())
    [check] = asked
    assert check.body == b"" and check.size <= MOST_OF_A_CHECK


def test_a_page_with_sixty_parts_at_once_is_never_limited_without_a_named_limit(site, token):
    address = Client(site).address
    end = f"\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    page = [(address, f"GET /page/{number}.png HTTP/1.1{end}".encode()) for number in range(PARTS)]
    for _ in range(3):  # whoever reloads it is not limited either
        assert {answer.status for answer in at_once(site, page)} == {200}


def test_nor_is_it_for_somebody_who_is_not_signed_in(site):
    address = Client(site).address
    end = "\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    page = [(address, f"GET /page/{number}.png HTTP/1.1{end}".encode()) for number in range(PARTS)]
    for _ in range(3):
        assert {answer.status for answer in at_once(site, page)} == {401}


def test_a_head_as_long_as_nginx_takes_it_passes_the_check(site, token):
    """As shipped it has four buffers of 8 KiB for one (large_client_header_buffers)."""
    client = Client(site)
    fields = {f"X-Field-{number}": "c" * 7900 for number in range(2)}
    path = "/page/0.png?q=" + "a" * 7900
    answer = client.get(path, token, headers=fields)
    assert (answer.status_code, answer.content) == (200, b"a part of a page")
    assert client.get(path, headers=fields).status_code == 401
    assert client.get(path, token + "x" * 5000, headers=fields).status_code == 401
