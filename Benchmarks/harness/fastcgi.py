"""A small FastCGI client: one GET over one connection, from the FastCGI 1.0 specification.

It fetches the worker's own bytes, before nginx turns them into an HTTP answer, so that the bare responder can send
the same.
"""

import socket
import struct

from failure import Failure

VERSION, REQUEST = 1, 1
BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER = 1
HEADER = struct.Struct("!BBHHBx")


def record(kind: int, content: bytes) -> bytes:
    return HEADER.pack(VERSION, kind, REQUEST, len(content), 0) + content


def length(count: int) -> bytes:
    return bytes([count]) if count < 128 else struct.pack("!I", count | 0x8000_0000)


def pair(name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode(), value.encode()
    return length(len(name_bytes)) + length(len(value_bytes)) + name_bytes + value_bytes


def receive(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = connection.recv(count - len(content))
        if not part:
            raise Failure("the worker closed the connection in the middle of its answer")
        content += part
    return content


def get(path: str, parameters: dict[str, str]) -> bytes:
    """The standard output (CGI head and body) for a GET with `parameters`, from the socket at `path`."""
    head = b"".join(pair(name, value) for name, value in parameters.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect(path)
        connection.sendall(
            record(BEGIN, struct.pack("!HB5x", RESPONDER, 0))
            + record(PARAMS, head)
            + record(PARAMS, b"")
            + record(STDIN, b"")
        )
        output = b""
        while True:
            _, kind, _, content_length, padding = HEADER.unpack(receive(connection, HEADER.size))
            content = receive(connection, content_length + padding)[:content_length]
            if kind == STDOUT:
                output += content
            if kind == END:
                return output
