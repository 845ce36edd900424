"""A lighttpd of its own (Debian's package, with Debian's settings) that runs docs/examples/lighttpd as shipped."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client import Client, Site
from nginx import replaced
from php import tell
from stack import ROOT, Stack, free_port
from wait import until

EXAMPLE = ROOT / "docs" / "examples" / "lighttpd" / "postern.conf"
DEBIAN = Path("/etc/lighttpd/lighttpd.conf")

# As Debian's 10-ssl.conf, which asks for a certificate in a file of root's.
_TLS = """server.modules += ( "mod_openssl" )
ssl.engine = "enable"
ssl.pemfile = "{run}/tls/server.crt"
ssl.privkey = "{run}/tls/server.key"
"""


class Lighttpd:
    def __init__(self, stack: Stack, folder: Path):
        self.folder = folder
        self._port = free_port()
        self.site = Site(f"https://127.0.0.1:{self._port}", stack.site.ca, self._port)
        for name in ("conf-enabled", "uploads", "www"):
            (folder / name).mkdir(parents=True)
        (folder / "lighttpd.conf").write_text(self._debians())
        self.add("10-ssl.conf", _TLS.format(run=stack.run))
        peer = folder / "postern-peer.conf"
        peer.touch(0o600)
        peer.write_text(f'var.postern_peer = "{stack.peer_secret}"\n')

    def _debians(self) -> str:
        return replaced(
            DEBIAN.read_text(),
            {
                "/etc/lighttpd/conf-enabled": f"{self.folder}/conf-enabled",
                '"/var/www/html"': f'"{self.folder}/www"',
                '"/var/cache/lighttpd/uploads"': f'"{self.folder}/uploads"',
                '"/var/log/lighttpd/error.log"': f'"{self.folder}/error.log"',
                '"/run/lighttpd.pid"': f'"{self.folder}/lighttpd.pid"',
                "server.port                 = 80": f'server.port = {self._port}\nserver.bind = "127.0.0.1"',
                # A test's folder is closed to www-data, and there is one address.
                'server.username             = "www-data"': "",
                'server.groupname            = "www-data"': "",
                'include_shell "/usr/share/lighttpd/use-ipv6.pl " + server.port': "",
            },
        )

    def add(self, name: str, text: str) -> None:
        """A file of conf-enabled; for a lighttpd that does not run yet."""
        (self.folder / "conf-enabled" / name).write_text(text)

    def example(self, stack: Stack, php: Path, changes: dict[str, str] | None = None) -> str:
        """The example for 127.0.0.1: nothing differs but these words."""
        usual = {
            "/etc/lighttpd/postern-peer.conf": f"{self.folder}/postern-peer.conf",
            "/run/postern/postern.sock": str(stack.socket),
            "/run/php/php-fpm.sock": str(php),
            "/var/www/intranet": f"{self.folder}/www",
            "intranet.example.com": "127.0.0.1",
        }
        return replaced(replaced(EXAMPLE.read_text(), changes or {}), usual)

    @contextmanager
    def running(self) -> Iterator[Site]:
        settings = str(self.folder / "lighttpd.conf")
        checked = subprocess.run(["lighttpd", "-tt", "-f", settings], capture_output=True, text=True, timeout=60)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
        with open(self.folder / "output", "wb") as output:
            process = subprocess.Popen(
                ["lighttpd", "-D", "-f", settings], stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            until(lambda: process.poll() is not None or self._answers(), 20, "lighttpd to answer")
            assert process.poll() is None, (self.folder / "output").read_text() + self.log()
            yield self.site
        finally:
            process.terminate()
            process.wait(20)

    def log(self) -> str:
        return (self.folder / "error.log").read_text()

    def _answers(self) -> bool:
        try:
            return Client(self.site).get("/").status_code > 0
        except OSError:
            return False


KEPT = "kept behind the gate\n"
_CGI = """printf 'Content-Type: text/plain\\n\\n'
printf '%s\\n' "$REMOTE_USER|$REMOTE_EMAIL|$REMOTE_GROUPS|$REMOTE_SCOPES"
"""
_BODY = """<?php
$body = file_get_contents('php://input');
echo $_SERVER['REMOTE_USER'], ' ', strlen($body), ' ', hash('sha256', $body);
"""


@contextmanager
def serving(
    stack: Stack, folder: Path, php: Path, changes: dict[str, str] | None = None, more: dict[str, str] | None = None
) -> Iterator[Lighttpd]:
    """A site behind the example, with these words of it changed and these files of conf-enabled beside it."""
    lighttpd = Lighttpd(stack, folder)
    www = folder / "www"
    tell(www, "index.php", "page.php", "error.php")
    (www / "body.php").write_text(_BODY)
    (www / "tell.sh").write_text(_CGI)
    (www / "page.txt").write_text(KEPT)
    (www / "export").mkdir()
    (www / "export" / "list.txt").write_text(KEPT)
    lighttpd.add("05-postern.conf", lighttpd.example(stack, php, changes))
    for name, text in (more or {}).items():
        lighttpd.add(name, text)
    with lighttpd.running():
        yield lighttpd
