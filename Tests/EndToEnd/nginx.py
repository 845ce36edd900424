"""An nginx of its own, with a folder laid out like Debian's /etc/nginx, in which the shipped files lie as shipped.

POSTERN_NGINX       the program, by default nginx of the PATH; a wrapper may run it in another root folder
POSTERN_NGINX_ETC   where Debian's own files are taken from, by default /etc/nginx
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wait import until

PROGRAM = os.environ.get("POSTERN_NGINX", "nginx")
DEBIAN = Path(os.environ.get("POSTERN_NGINX_ETC", "/etc/nginx"))
SHIPPED = Path(__file__).resolve().parents[2] / "nginx"
EXAMPLES = SHIPPED.parent / "docs" / "examples" / "nginx"
DEBIANS_FILES = ("fastcgi.conf", "fastcgi_params", "proxy_params", "mime.types", "snippets/fastcgi-php.conf")

# As Debian's nginx.conf, but for the places of what nginx writes.
_MAIN = """{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include mime.types;
    default_type application/octet-stream;
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include conf.d/*.conf;
    include sites-enabled/*;
}}
"""


def replaced(text: str, changes: dict[str, str]) -> str:
    """`text` with each of these exact words replaced; one that is not there fails, so the list says all that differs."""
    for old, new in changes.items():
        assert old in text, f"nothing to replace: {old!r}"
        text = text.replace(old, new)
    return text


class Nginx:
    def __init__(self, folder: Path, socket: Path, peer_secret: str):
        """`socket` is where the workers listen; the secret proves to them that nginx is asking."""
        self.folder = folder
        for name in ("conf.d", "snippets", "sites-enabled"):
            (folder / name).mkdir(parents=True)
        for name in DEBIANS_FILES:
            shutil.copyfile(DEBIAN / name, folder / name)
        for file in (SHIPPED / "snippets").iterdir():
            shutil.copyfile(file, folder / "snippets" / file.name)
        upstreams = (SHIPPED / "conf.d" / "postern.conf").read_text()
        upstreams = replaced(upstreams, {"/run/postern/postern.sock": str(socket)})
        (folder / "conf.d" / "postern.conf").write_text(upstreams)
        peer = folder / "postern-peer.conf"
        peer.touch(0o600)
        peer.write_text(f'fastcgi_param POSTERN_PEER "{peer_secret}";\n')
        user = "user root;    # www-data could not enter a test's folder" if os.geteuid() == 0 else ""
        self._main = folder / "nginx.conf"
        self._main.write_text(_MAIN.format(user=user, folder=folder))

    def add(self, name: str, text: str) -> None:
        """A file of sites-enabled; for a server that is not started yet."""
        (self.folder / "sites-enabled" / name).write_text(text)

    def test(self) -> subprocess.CompletedProcess[str]:
        """nginx -t"""
        return self._run("-t")

    @contextmanager
    def running(self) -> Iterator["Nginx"]:
        done = self._run()  # comes back when it listens
        assert done.returncode == 0, done.stdout
        try:
            yield self
        finally:
            os.kill(self._master(), signal.SIGTERM)
            until(lambda: not (self.folder / "nginx.pid").exists(), 20, "nginx to end")

    def close_kept_connections(self) -> None:
        """Goes on in new processes, which have no connection to a worker yet."""
        master = self._master()
        old = _children(master)
        os.kill(master, signal.SIGHUP)
        until(lambda: _children(master) and not old & _children(master), 20, "nginx to go on in new processes")

    def _master(self) -> int:
        return int((self.folder / "nginx.pid").read_text())

    def _run(self, *options: str) -> subprocess.CompletedProcess[str]:
        # Its output goes to a file: of a pipe the background process would hold an end.
        output = self.folder / "start.log"
        with open(output, "w") as file:
            done = subprocess.run(
                [PROGRAM, "-e", str(self.folder / "error.log"), "-c", str(self._main), *options],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=60,
            )
        return subprocess.CompletedProcess(done.args, done.returncode, output.read_text(), "")


def _children(master: int) -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()}
