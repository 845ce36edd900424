"""The product as a sysadmin starts it: scripts/quickstart in a run folder and on a port of its own."""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import tomllib
from pathlib import Path

from client import Site
from database import Database
from journal import Journal
from settings import Settings
from workers import Workers

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("POSTERN_PROGRAMS", ROOT / ".build-release" / "release"))  # as the quickstart has it
START_LIMIT = 1800  # seconds; a first start builds in release mode

# bcrypt at the lowest cost that the settings take: the tests are about behaviour, and there are hundreds of logins.
# At level info the log has a line per request, so that what must never be in it is looked for in more of it.
SUITE = '[passwords]\nbcrypt_cost = 10\n[log]\nlevel = "info"\n'


_given: set[int] = set()


def free_port() -> int:
    """A port that nobody uses, and that this run has not given away yet: a server may start later than it is chosen."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def quickstart_environment(run: Path, port: int, build: bool = False) -> dict[str, str]:
    environment = dict(os.environ, POSTERN_RUN_DIR=str(run), POSTERN_HTTPS_PORT=str(port))
    if not build:
        environment["POSTERN_PROGRAMS"] = str(PROGRAMS)
    return environment


def quickstart(
    run: Path, port: int, *arguments: str, timeout: float = 300, build: bool = False
) -> subprocess.CompletedProcess[str]:
    """Runs scripts/quickstart. Its output goes to a file: one that stays in the background does not hold a test up."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [ROOT / "scripts" / "quickstart", *arguments],
            env=quickstart_environment(run, port, build),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=timeout,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def read_environment(run: Path) -> dict[str, str]:
    words = shlex.split((run / "env").read_text(), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


class Stack:
    def __init__(self) -> None:
        self.run = Path(tempfile.mkdtemp(prefix="postern-e2e-"))
        self.port = free_port()
        self.confidential: set[str] = set()  # what no log may hold

    def start(self) -> None:
        done = quickstart(self.run, self.port, "--background", timeout=START_LIMIT, build=True)
        assert done.returncode == 0, f"quickstart failed ({done.returncode}):\n{done.stdout}"
        self.environment = read_environment(self.run)
        self.config = Path(self.environment["POSTERN_CONFIG"])
        self.settings_file = tomllib.loads(self.config.read_text())
        self.site = Site(self.environment["POSTERN_URL"].rstrip("/"), self.environment["POSTERN_CA"], self.port)
        self.journal = Journal(self.run / "workers.log")
        self.workers = Workers(self.run, self.journal)
        self.database = Database(self.run, self.settings_file["database"]["name"])
        self.settings = Settings(self.run, self.workers, self.journal)
        self.settings.set_for_the_run(SUITE)

    def stop(self) -> None:
        done = quickstart(self.run, self.port, "--stop", timeout=120)
        assert done.returncode == 0, f"quickstart --stop failed ({done.returncode}):\n{done.stdout}"
        shutil.rmtree(self.run)

    @property
    def key_file(self) -> Path:
        return self.run / "keys"

    @property
    def key(self) -> bytes:
        """The raw secret: the file's bytes less one line end."""
        secret = self.key_file.read_bytes()
        for end in (b"\r\n", b"\n"):
            if secret.endswith(end):
                return secret[: -len(end)]
        return secret

    @property
    def peer_secret(self) -> str:
        return (self.run / "peer.secret").read_text().strip()

    @property
    def socket(self) -> Path:
        return self.run / "postern.sock"

    @property
    def issuer(self) -> str:
        return self.settings_file["site"]["issuer"]

    def postern(
        self, *words: str, input: str | bytes = "", config: Path | None = None, with_config: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """The sysadmin's command; what it printed and its exit code."""
        options = ["--config", str(config or self.config)] if with_config else []
        data = input.encode() if isinstance(input, str) else input
        done = subprocess.run([PROGRAMS / "postern", *words, *options], input=data, capture_output=True, timeout=60)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def posternd(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAMS / "posternd", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
