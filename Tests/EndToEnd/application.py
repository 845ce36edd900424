"""An application behind nginx: tells whoever asks which headers it got, and counts the bodies."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Application:
    port: int = 0
    bodies: list[tuple[int, str]] = field(default_factory=list)
    """Bytes and SHA-256 of every body that came whole."""
    asked: list[str] = field(default_factory=list)
    """Method and target of every request whose head came."""

    def location(self, path: str, tail: str | None, *more: str) -> str:
        """nginx's location that hands on to it; without a tail it is open."""
        check = "auth_request off;" if tail is None else f"auth_request '/postern/auth{tail}';"
        lines = "\n".join(more)
        return f"""location {path} {{
            {check}
            proxy_pass http://127.0.0.1:{self.port};
            {lines}
        }}"""


# What the shipped snippet sends to an application.
IDENTITY = "include nginx/snippets/postern-identity-proxy.conf;"


def _handler(application: Application) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            application.asked.append(f"{self.command} {self.path}")
            count, digest = 0, hashlib.sha256()
            left = int(self.headers.get("Content-Length", 0))
            while left > 0 and (part := self.rfile.read1(min(left, 1 << 20))):
                left -= len(part)
                count += len(part)
                digest.update(part)
            if left:
                return
            application.bodies.append((count, digest.hexdigest()))
            body = json.dumps({name.lower(): self.headers.get_all(name) for name in self.headers}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Application]:
    application = Application()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(application))
    server.daemon_threads = True
    application.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
