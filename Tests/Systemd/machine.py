"""What the tests do on the machine: run commands, ask systemd, send requests through nginx."""

import glob
import http.client
import json
import os
import ssl
import subprocess
import threading
import time
from collections import Counter
from typing import Any, Callable

GROUP, SOCKET = "postern.service", "postern.socket"
WORKERS = ["postern-worker@1.service", "postern-worker@2.service"]
UNITS = [SOCKET, GROUP, *WORKERS]
PACKAGE = "/mnt/postern.deb"
SETTINGS = "/etc/postern/postern.toml"
SECRETS = ["/etc/postern/keys.jwks", "/etc/postern/peer.secret", "/etc/nginx/postern-peer.conf"]
PASSWORD = "correct horse battery staple"
EMAIL = "anna@example.test"


def run(*command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Output and errors of a command together; its status is the caller's to judge."""
    return subprocess.run(
        command, input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120
    )


def do(*command: str, stdin: str = "") -> str:
    """A command that has to succeed."""
    done = run(*command, stdin=stdin)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def show(unit: str, *properties: str) -> list[str]:
    return [do("systemctl", "show", "--value", "-p", name, unit).strip() for name in properties]


def states(*units: str) -> list[str]:
    return [show(unit, "ActiveState")[0] for unit in units]


def main_process(unit: str) -> int:
    return int(show(unit, "MainPID")[0])


def hashing(worker: str) -> list[int]:
    """The processes that hash passwords for this worker."""
    tasks = glob.glob(f"/proc/{main_process(worker)}/task/*/children")
    children = [int(child) for task in tasks for child in read(task).split()]
    return [child for child in children if read(f"/proc/{child}/comm").strip() == "posternd-hash"]


def mode(path: str) -> str:
    return do("stat", "--format=%a %U:%G", path).strip()


def journal(*options: str) -> str:
    do("journalctl", "--sync")
    return do("journalctl", "--no-pager", "-o", "cat", *options)


def wait_until(what: str, condition: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain until {what}"
        time.sleep(0.02)


def wait_until_all_run() -> None:
    wait_until("socket, group and workers run", lambda: states(*UNITS) == ["active"] * 4)


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o644)


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


TRUSTED = ssl.create_default_context()
TRUSTED.check_hostname = False
TRUSTED.verify_mode = ssl.CERT_NONE  # nginx's certificate is made by the test itself

Answer = tuple[int, Any]


def request(method: str, path: str, body: str | None = None, token: str = "", source: str = "127.0.0.1") -> Answer:
    """One request through nginx over a connection of its own: status and parsed body."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", 443, timeout=30, context=TRUSTED, source_address=(source, 0)
    )
    try:
        headers = {"Host": "api.example.test", "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def login(password: str = PASSWORD, source: str = "127.0.0.1") -> Answer:
    return request("POST", "/login", json.dumps({"email": EMAIL, "password": password}), source=source)


def token() -> str:
    status, answer = login()
    assert status == 200, (status, answer)
    return answer["access_token"]


class Load:
    """Eight clients that send GET and POST without a pause, until the block ends.

    `answers` counts (method, status); a request that got no answer counts as its error's name.
    """

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, Any]] = Counter()
        self._token = token()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(8)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        self.wait_for_more(50)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, count: int) -> None:
        """Until so many more requests were answered, good or bad."""
        end = self.answers.total() + count
        wait_until(f"{count} more answers came", lambda: self.answers.total() >= end)

    def lost(self) -> Counter[tuple[str, Any]]:
        """All that is not what a worker answers: 200 to the GET, 400 to the POST of broken JSON."""
        return Counter({k: n for k, n in self.answers.items() if k not in [("GET", 200), ("POST", 400)]})

    def _client(self, number: int) -> None:
        method = "GET" if number % 2 else "POST"
        while not self._stop.is_set():
            try:
                if method == "GET":
                    status: Any = request("GET", "/me", token=self._token)[0]
                else:
                    status = request("POST", "/login", "{")[0]
            except Exception as error:  # whatever it is, the client got no answer
                status = type(error).__name__
            self.answers[method, status] += 1
