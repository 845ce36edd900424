"""A program in the place of the workers that answers what a test wants, so that nginx's part can be looked at alone."""

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fastcgi

Parameters = dict[str, str]
# What to send for a request: the bytes of FCGI_STDOUT. None closes the connection without an answer.
Reply = Callable[[Parameters], bytes | None]


def cgi(status: int, headers: dict[str, str] | None = None, body: str = "") -> bytes:
    """An answer in the form of RFC 3875 section 6."""
    lines = [f"Status: {status}"] + [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class FakeWorker:
    """Listens on a socket and notes the pairs of every request, each as it came and in their order."""

    def __init__(self, path: Path, reply: Reply):
        self.seen: list[list[tuple[str, str]]] = []
        self._reply = reply
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        os.chmod(path, 0o666)
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def values(self, name: str) -> list[list[str]]:
        """For each request so far, every value that it had under this name."""
        return [[value for key, value in pairs if key == name] for pairs in self.seen]

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                while pairs := self._read(connection):
                    self.seen.append(pairs)
                    output = self._reply(dict(pairs))
                    if output is None:
                        return
                    connection.sendall(fastcgi.stream(fastcgi.STDOUT, output) + fastcgi.record(fastcgi.END, bytes(8)))
            except OSError:
                return  # nginx went away

    @staticmethod
    def _read(connection: socket.socket) -> list[tuple[str, str]]:
        """The pairs of one whole request, or none when nginx has closed the connection."""
        parameters = b""
        while True:
            head = _exactly(connection, 8)
            if not head:
                return []
            _, kind, _, length, padding = struct.unpack("!BBHHBx", head)
            content = _exactly(connection, length)
            _exactly(connection, padding)
            if kind == fastcgi.PARAMS:
                parameters += content
            elif kind == fastcgi.STDIN and not length:
                return fastcgi.pairs_of(parameters)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            return b""
        data += part
    return data


@contextmanager
def fake_worker(path: Path, reply: Reply) -> Iterator[FakeWorker]:
    worker = FakeWorker(path, reply)
    try:
        yield worker
    finally:
        worker.close()
        path.unlink()
