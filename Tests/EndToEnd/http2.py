"""One HTTP/2 request whose head and body leave in one write (RFC 9113, RFC 7541): no client promises that."""

import socket
import ssl
import struct
from dataclasses import dataclass

from client import TIMEOUT, Site

DATA, HEADERS, SETTINGS, RST_STREAM, GOAWAY = 0, 1, 4, 3, 7
END_STREAM, END_HEADERS = 1, 4
STATUSES = {0x88: 200, 0x89: 204, 0x8C: 400, 0x8D: 404, 0x8E: 500}  # RFC 7541, appendix A


@dataclass
class Answer:
    status: int | None
    """None: one that is no word of the static table, or the stream was reset."""
    body: bytes


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def _text(text: str) -> bytes:
    """A string without Huffman coding, its length with a prefix of 7 bits (RFC 7541, section 5.1)."""
    data, length = text.encode(), b""
    rest = len(data)
    if rest < 127:
        length = bytes([rest])
    else:
        length, rest = b"\x7f", rest - 127
        while rest >= 128:
            length, rest = length + bytes([rest & 127 | 128]), rest >> 7
        length += bytes([rest])
    return length + data


def post(site: Site, path: str, token: str, body: bytes) -> Answer:
    fields = {
        ":method": "POST",
        ":scheme": "https",
        ":path": path,
        ":authority": f"127.0.0.1:{site.port}",
        "authorization": "Bearer " + token,
        "content-length": str(len(body)),
    }
    head = b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())
    request = _frame(HEADERS, END_HEADERS, 1, head) + _frame(DATA, END_STREAM, 1, body)
    context = ssl.create_default_context(cafile=site.ca)
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", site.port), TIMEOUT), server_hostname="127.0.0.1"
    ) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0) + request)
        return _read(connection)


def _read(connection: ssl.SSLSocket) -> Answer:
    answer = Answer(None, b"")
    while True:
        head = _exactly(connection, 9)
        payload = _exactly(connection, int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == GOAWAY or kind == RST_STREAM:
            return answer
        if stream == 1 and kind == HEADERS:
            # A change of the table's size may stand before the first field.
            answer.status = next((STATUSES[byte] for byte in payload[:2] if byte in STATUSES), None)
        if stream == 1 and kind == DATA:
            answer.body += payload
        if stream == 1 and flags & END_STREAM and kind in (HEADERS, DATA):
            return answer


def _exactly(connection: ssl.SSLSocket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        assert part, "the connection ended in the middle of an answer"
        data += part
    return data
