"""HTTPS clients: requests for ordinary traffic, a bare TLS connection for the rest; each from its own address."""

import functools
import http.client
import itertools
import json
import socket
import ssl
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter

TIMEOUT = 20

_numbers = itertools.count(1)


def fresh_address() -> str:
    """An address of 127.0.0.0/8 that nobody had before in this run."""
    number = next(_numbers)
    return f"127.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


@dataclass(frozen=True)
class Site:
    url: str
    ca: str
    port: int


class _FromAddress(HTTPAdapter):
    def __init__(self, address: str, connections: int):
        self._address = address
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


class Client:
    """A requests session from one address. It follows no redirect, reads no environment and retries nothing."""

    def __init__(self, site: Site, address: str | None = None, connections: int = 40):
        self.site = site
        self.address = address or fresh_address()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = site.ca
        self.session.mount("https://", _FromAddress(self.address, connections))

    def request(self, method: str, path: str, token: str | None = None, **options) -> requests.Response:
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        options.setdefault("timeout", TIMEOUT)
        return self.session.request(method, self.site.url + path, headers=headers, allow_redirects=False, **options)

    def get(self, path: str, token: str | None = None, **options) -> requests.Response:
        return self.request("GET", path, token, **options)

    def post(self, path: str, token: str | None = None, **options) -> requests.Response:
        return self.request("POST", path, token, **options)

    def login(self, email: str, password: str) -> requests.Response:
        return self.post("/login", json={"email": email, "password": password})

    def grant(self, email: str, password: str) -> requests.Response:
        return self.post("/token", data={"grant_type": "password", "username": email, "password": password})

    def connection(self) -> "Connection":
        return Connection(self.site, self.address)


@dataclass
class RawResponse:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


@functools.cache
def trusting(ca: str) -> ssl.SSLContext:
    """Trusts what `ca` has signed; made once, since a test may open a thousand connections."""
    return ssl.create_default_context(cafile=ca)


class Connection:
    """One TLS connection on which a test writes its own bytes."""

    def __init__(self, site: Site, address: str):
        plain = socket.create_connection(("127.0.0.1", site.port), TIMEOUT, source_address=(address, 0))
        self.socket = trusting(site.ca).wrap_socket(plain, server_hostname="127.0.0.1")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_until_refused(self, data: bytes, times: int) -> None:
        """Sends on, like a browser with a large file, until all is sent or the server has had enough."""
        try:
            for _ in range(times):
                self.socket.sendall(data)
        except OSError:
            pass

    def read(self, method: str = "GET") -> RawResponse:
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        return RawResponse(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        )

    def ask(self, head: str, body: bytes = b"") -> RawResponse:
        """Sends a head of lines (LF for CRLF, without the empty one) and a body, and reads the answer."""
        self.send(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        return self.read(head.split(" ", 1)[0])


def at_once(site: Site, messages: list[tuple[str, bytes]]) -> list[RawResponse]:
    """Sends each message from its address as near to at once as can be: all connections stand before the first byte."""
    connections = [Connection(site, address) for address, _ in messages]
    try:
        for connection, (_, message) in zip(connections, messages, strict=True):
            connection.send(message)
        return [
            connection.read(message.split(b" ", 1)[0].decode())
            for connection, (_, message) in zip(connections, messages, strict=True)
        ]
    finally:
        for connection in connections:
            connection.socket.close()


def burst(site: Site, address: str, head: str, count: int) -> list[RawResponse]:
    """`count` times the same request without a body, at once."""
    return at_once(site, [(address, head.replace("\n", "\r\n").encode() + b"\r\n\r\n")] * count)


def login_message(email: str, password: str) -> bytes:
    """The bytes of a JSON login, for `at_once`."""
    body = json.dumps({"email": email, "password": password}).encode()
    head = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\nConnection: close\r\n\r\n" + body
