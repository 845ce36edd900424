"""A server of its own in the stack's nginx, whose locations are protected by the shipped snippets/postern.conf."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client import Client, Site
from stack import Stack, free_port
from wait import until

_SERVER = """server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    access_log off;
    root {root};
    include nginx/snippets/postern.conf;
{locations}
}}
"""


@contextmanager
def protected(stack: Stack, root: Path, locations: str) -> Iterator[Site]:
    """Serves `root` with these locations while it holds; gives the site."""
    port = free_port()
    file = stack.run / "nginx" / "conf.d" / "90-gate.conf"
    file.write_text(_SERVER.format(port=port, run=stack.run, root=root, locations=locations))
    site = Site(f"https://127.0.0.1:{port}", stack.site.ca, port)
    try:
        _reload(stack)
        until(lambda: _answers(site), 10, "nginx to serve the protected server")
        yield site
    finally:
        file.unlink()
        _reload(stack)
        until(lambda: not _answers(site), 10, "nginx to give the protected server up")


def close_kept_connections(stack: Stack) -> None:
    """The stack's nginx goes on in new processes, which have no connection to a worker yet."""
    master = int((stack.run / "nginx.pid").read_text())
    old = _children(master)
    _reload(stack)
    until(lambda: _children(master) and not old & _children(master), 20, "nginx to go on in new processes")


def _children(master: int) -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()}


def _reload(stack: Stack) -> None:
    os.kill(int((stack.run / "nginx.pid").read_text()), signal.SIGHUP)


def _answers(site: Site) -> bool:
    try:
        return Client(site).get("/open.txt").status_code == 200
    except OSError:
        return False
