"""The examples of docs/examples/nginx, run as shipped: nothing differs but the words that a list replaces."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client import Site
from nginx import EXAMPLES, Nginx, replaced
from stack import Stack, free_port


@contextmanager
def example(stack: Stack, folder: Path, name: str, changes: dict[str, str]) -> Iterator[Site]:
    """Runs one of them in an nginx of its own."""
    nginx, site = prepared(stack, folder, name, changes)
    with nginx.running():
        yield site


def prepared(stack: Stack, folder: Path, name: str, changes: dict[str, str]) -> tuple[Nginx, Site]:
    """Not started yet. Port, certificate and log are replaced in all, `changes` besides."""
    port = free_port()
    text = (EXAMPLES / name).read_text()
    [host] = {line.split()[1].rstrip(";") for line in text.splitlines() if line.strip().startswith("server_name")}
    usual = {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        f"/etc/letsencrypt/live/{host}/fullchain.pem": f"{stack.run}/tls/server.crt",
        f"/etc/letsencrypt/live/{host}/privkey.pem": f"{stack.run}/tls/server.key",
        "/var/log/nginx/access.log": f"{folder}/nginx/access.log",
    }
    nginx = Nginx(folder / "nginx", stack.socket, stack.peer_secret)
    nginx.add(name, replaced(text, usual | changes))
    return nginx, Site(f"https://127.0.0.1:{port}", stack.site.ca, port)
