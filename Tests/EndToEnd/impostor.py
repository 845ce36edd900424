"""Somebody else in the place of the workers' socket: answers nginx with whatever a test says, or listens in."""

import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fastcgi
from gate import close_kept_connections
from stack import Stack

Serve = Callable[[socket.socket], None]

COMPLETE, OVERLOADED = 0, 2  # protocolStatus, section 5.5


@dataclass
class Asked:
    """One request as nginx sent it."""

    parameters: dict[str, str]
    body: bytes
    size: int  # bytes on the socket, framing included
    connection: int = 0  # of tapped(): the how-many-eth connection it came over


def end(status: int = COMPLETE) -> bytes:
    return fastcgi.record(fastcgi.END, struct.pack("!IB3x", 0, status))


def answer(head: bytes, status: int = COMPLETE) -> bytes:
    """A whole answer, in one write as the workers send it."""
    return fastcgi.record(fastcgi.STDOUT, head) + fastcgi.record(fastcgi.STDOUT) + end(status)


def read_request(connection: socket.socket) -> Asked | None:
    """The next request; None where the connection ends before one is whole."""
    content = {fastcgi.PARAMS: b"", fastcgi.STDIN: b""}
    size = 0
    while True:
        head = _read(connection, 8)
        if head is None:
            return None
        _, kind, _, length, padding = struct.unpack("!BBHHBx", head)
        data = _read(connection, length + padding)
        if data is None:
            return None
        size += 8 + length + padding
        if kind in content:
            content[kind] += data[:length]
        if kind == fastcgi.STDIN and length == 0:
            return Asked(parameters(content[fastcgi.PARAMS]), content[fastcgi.STDIN], size)


def parameters(data: bytes) -> dict[str, str]:
    """Name-value pairs, section 3.4; a name that comes twice is a fault of nginx's settings."""
    found: dict[str, str] = {}
    at = 0

    def length() -> int:
        nonlocal at
        if data[at] < 128:
            at += 1
            return data[at - 1]
        at += 4
        return struct.unpack("!I", data[at - 4 : at])[0] & 0x7FFFFFFF

    while at < len(data):
        name_length, value_length = length(), length()
        name = data[at : at + name_length].decode("latin-1")
        at += name_length
        assert name not in found, f"{name} was sent twice"
        found[name] = data[at : at + value_length].decode("latin-1")
        at += value_length
    return found


def saying(data: bytes, asked: list[Asked] | None = None) -> Serve:
    """Takes one whole request, answers with these bytes and closes."""

    def serve(connection: socket.socket) -> None:
        request = read_request(connection)
        if request is not None:
            if asked is not None:
                asked.append(request)
            connection.sendall(data)

    return serve


@contextmanager
def in_place_of_the_workers(stack: Stack, serve: Serve) -> Iterator[Path]:
    """While it holds, all connections to the socket come to `serve`, each in a thread; gives where the workers are."""
    path = stack.socket
    away = path.with_name(path.name + ".away")
    path.rename(away)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def run(connection: socket.socket) -> None:
        with connection:
            try:
                serve(connection)
            except OSError:
                pass  # nginx had enough

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            threads.append(threading.Thread(target=run, args=(connection,), daemon=True))
            threads[-1].start()

    try:
        listener.bind(str(path))
        listener.listen(1024)
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        close_kept_connections(stack)
        yield away
    finally:
        _end(listener)
        listener.close()
        path.unlink(missing_ok=True)
        away.rename(path)
        for connection in connections:
            _end(connection)
        for thread in threads:
            thread.join(10)


@contextmanager
def tapped(stack: Stack) -> Iterator[list[Asked]]:
    """The workers answer as ever; gives the requests that came to them, as they come."""
    asked: list[Asked] = []
    numbers = itertools.count(1)
    away = stack.socket.with_name(stack.socket.name + ".away")

    def serve(connection: socket.socket) -> None:
        number = next(numbers)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as worker:
            worker.connect(str(away))
            back = threading.Thread(target=_copy, args=(worker, connection), daemon=True)
            back.start()
            # Noted before it is handed on, or the answer could be there first.
            while (request := read_request(copy := _Copying(connection))) is not None:
                request.connection = number
                asked.append(request)
                worker.sendall(copy.data)
            _end(worker)
            back.join(10)

    with in_place_of_the_workers(stack, serve):
        yield asked


class _Copying:
    """A socket that keeps what is read from it."""

    def __init__(self, source: socket.socket):
        self._source = source
        self.data = b""

    def recv(self, count: int) -> bytes:
        part = self._source.recv(count)
        self.data += part
        return part


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    _end(target)


def _read(connection, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        part = connection.recv(min(count - len(data), 65536))
        if not part:
            return None
        data += part
    return data


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended already
