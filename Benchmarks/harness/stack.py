"""The product under measurement: quickstart's stack in a run folder of its own, with the rules of the benchmark."""

from contextlib import ExitStack
from dataclasses import dataclass
import http.client
import json
import os
from pathlib import Path
import secrets
import shlex
import ssl
from urllib.parse import urlsplit

import fastcgi
from failure import Failure
from nginx import free_port
from peers import Client
from processes import run

SETTINGS = """\
# Written by scripts/bench.
[limits]
api = { rate = "1000000/second", per = "user" }         # every request is charged, none is refused
search = { rate = "20/second", per = "address" }        # the rule under which limiters are compared
"""


@dataclass(frozen=True)
class Stack:
    repository: Path
    run: Path  # quickstart's run folder
    url: str
    authority: str
    client: Client
    token: str
    peer_secret: str

    @property
    def socket(self) -> Path:
        return self.run / "postern.sock"

    @property
    def database(self) -> Path:
        return self.run / "mariadb.sock"

    @property
    def table(self) -> Path:
        return self.run / "rates"

    @property
    def folder(self) -> Path:
        """The benchmark's own files."""
        return self.run / "bench"

    @property
    def worker_command(self) -> list[str]:
        # As scripts/quickstart chooses it.
        programs = os.environ.get("POSTERN_PROGRAMS", str(self.repository / ".build-release" / "release"))
        return [f"{programs}/posternd", "--config", str(self.run / "postern.toml")]

    def workers(self) -> list[int]:
        """The workers' process ids."""
        files = sorted(self.run.glob("worker-*.pid"))
        if not files:
            raise Failure(f"no worker-*.pid in {self.run}")
        return [int(file.read_text()) for file in files]

    def database_process(self) -> int:
        return int((self.run / "mariadb.pid").read_text())

    def fast_threads(self) -> int:
        """How many threads of one worker serve requests, by their names (proc(5), comm)."""
        names = [comm.read_text() for comm in Path(f"/proc/{self.workers()[0]}/task").glob("*/comm")]
        count = sum(name.startswith("fast") for name in names)
        if count == 0:
            raise Failure("a worker has no thread whose name begins with fast")
        return count

    def captured_answer(self, role: str, path: str) -> bytes:
        """What a worker answers to a GET of this path in this role, as it leaves the worker."""
        parameters = {
            "REQUEST_METHOD": "GET",
            "REQUEST_SCHEME": "http",
            "DOCUMENT_URI": path,
            "REQUEST_URI": path,
            "QUERY_STRING": "",
            "CONTENT_LENGTH": "",
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_ID": secrets.token_hex(16),
            "POSTERN_ROLE": role,
            "POSTERN_PEER": self.peer_secret,
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
        }
        return fastcgi.get(str(self.socket), parameters)


def start(stack: ExitStack, repository: Path, folder: Path) -> Stack:
    """Starts quickstart's stack in `folder`, logs its user in; the stack is stopped with `stack`."""
    additions = folder / "conf.d"
    additions.mkdir(parents=True, exist_ok=True)
    (additions / "90-bench.toml").write_text(SETTINGS)
    environment = {**os.environ, "POSTERN_RUN_DIR": str(folder), "POSTERN_HTTPS_PORT": str(free_port())}
    program = str(repository / "scripts" / "quickstart")
    stack.callback(run, [program, "--stop"], "quickstart --stop", 60, environment)
    run([program, "--background"], "quickstart --background", 1800, environment)

    values = dict(part.split("=", 1) for part in shlex.split((folder / "env").read_text()) if "=" in part)
    url, authority = values["POSTERN_URL"], values["POSTERN_CA"]
    email, password = values["POSTERN_EMAIL"], values["POSTERN_PASSWORD"]
    token = call(url, authority, "POST", "/login", {"email": email, "password": password})["access_token"]
    me = call(url, authority, "GET", "/me", token=token)
    client = Client(me["client_id"], me["email"], me["client_name"], password)
    (folder / "bench").mkdir(exist_ok=True)
    peer_secret = (folder / "peer.secret").read_text().strip()
    return Stack(repository, folder, url, authority, client, token, peer_secret)


def call(
    url: str, authority: str, method: str, path: str, body: dict[str, str] | None = None, token: str = ""
) -> dict[str, str]:
    """One JSON request over TLS to the quickstart's own nginx."""
    headers = {"Content-Type": "application/json"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    context = ssl.create_default_context(cafile=authority)
    connection = http.client.HTTPSConnection(urlsplit(url).netloc, timeout=10, context=context)
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        raise Failure(f"{method} {url}{path}: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Failure(f"{method} {url}{path}: {answer.status} {content.decode(errors='replace')[:500]}")
    decoded: dict[str, str] = json.loads(content)
    return decoded
