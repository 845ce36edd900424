"""A FastCGI 1.0 client for the workers' socket, written from the specification (fastcgi-archives.github.io)."""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

VERSION = 1
BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7
RESPONDER, KEEP = 1, 1
MOST = 65535  # bytes of content in one record


def record(kind: int, content: bytes = b"", padding: int = 0, request: int = 1) -> bytes:
    return struct.pack("!BBHHBx", VERSION, kind, request, len(content), padding) + content + bytes(padding)


def begin(keep: bool = True) -> bytes:
    return record(BEGIN, struct.pack("!HB5x", RESPONDER, KEEP if keep else 0))


def pairs(parameters: dict[str, str]) -> bytes:
    """Name-value pairs, section 3.4: a length below 128 is one byte, else four with the top bit set."""

    def length(count: int) -> bytes:
        return bytes([count]) if count < 128 else struct.pack("!I", count | 0x80000000)

    encoded = b""
    for name, value in parameters.items():
        key, text = name.encode(), value.encode("utf-8", "surrogateescape")
        encoded += length(len(key)) + length(len(text)) + key + text
    return encoded


def stream(kind: int, content: bytes) -> bytes:
    """A stream of records with its empty last one."""
    parts = [content[at : at + MOST] for at in range(0, len(content), MOST)]
    return b"".join(record(kind, part) for part in parts) + record(kind)


def request(parameters: dict[str, str], body: bytes = b"", keep: bool = True) -> bytes:
    return begin(keep) + stream(PARAMS, pairs(parameters)) + stream(STDIN, body)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


def answer(output: bytes) -> Answer:
    """What a web server reads out of FCGI_STDOUT: RFC 3875 section 6."""
    head, _, body = output.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Answer(int(headers.pop("status", "200").split()[0]), headers, body)


class Connection:
    """One connection to the socket; closed by the `with` statement."""

    def __init__(self, path: Path, timeout: float = 15):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_answer(self) -> Answer:
        """The next answer; EOFError when the worker closes without one."""
        output = b""
        while True:
            kind, content = self._read_record()
            if kind == STDOUT:
                output += content
            elif kind == END:
                return answer(output)

    def ask(self, parameters: dict[str, str], body: bytes = b"", keep: bool = True) -> Answer:
        self.send(request(parameters, body, keep))
        return self.read_answer()

    def is_closed(self) -> bool:
        """Waits for what the worker does next: True when it closes, False when it sends something."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _read_record(self) -> tuple[int, bytes]:
        _, kind, _, length, padding = struct.unpack("!BBHHBx", self._read(8))
        content = self._read(length)
        self._read(padding)
        return kind, content

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError("closed by the worker")
            data += part
        return data
