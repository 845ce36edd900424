"""What Postern is compared with: the bare responder and the Python service."""

from contextlib import ExitStack
from dataclasses import dataclass
import hashlib
import json
import os
from pathlib import Path
import secrets
import shutil
import subprocess
import sys
import urllib.request

from processes import run, stop, wait_until
from redis_server import Redis

BENCHMARKS = Path(__file__).parent.parent
PYTHON = BENCHMARKS / "peers" / "python"
WORKERS = BENCHMARKS.parent / "scripts" / "lib" / "workers.pl"
FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread"]


@dataclass(frozen=True)
class Client:
    """The one user, the same for Postern and for the Python service."""

    identity: str
    email: str
    name: str
    password: str


def start_bare(
    stack: ExitStack, folder: Path, name: str, answer: bytes, processes: int, threads: int
) -> list[int]:
    """Builds the bare responder and starts it on `folder`/`name`.sock; it ends with `stack`. The processes.

    As the quickstart starts the workers: in a session of their own, which is one group of the scheduler.
    """
    program, bytes_file = folder / f"{name}-responder", folder / f"{name}.answer"
    run(["cc", *FLAGS, "-o", str(program), str(BENCHMARKS / "bare" / "responder.c"), "-lfcgi"], "cc responder.c", 60)
    bytes_file.write_bytes(answer)
    place, link = folder / name, folder / f"{name}.sock"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o755)
    link.unlink(missing_ok=True)
    link.symlink_to(place / "postern.sock")
    command = ["perl", str(WORKERS), str(place), str(processes), str(program), str(threads), str(bytes_file)]
    with (folder / f"{name}.log").open("ab") as log:
        workers = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, umask=0o022
        )
    stack.callback(stop, workers)
    numbers = [place / f"worker-{number}.pid" for number in range(1, processes + 1)]
    wait_until(lambda: all(number.exists() for number in numbers), 10, f"the bare responder did not start; see {name}.log")
    return [int(number.read_text()) for number in numbers]


def prepare_python(folder: Path) -> Path:
    """A virtual environment with exactly the pinned packages, made once; the path of its programs."""
    requirements = PYTHON / "requirements.txt"
    environment, done = folder / "venv", folder / "venv" / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not done.exists() or done.read_text() != wanted:
        run([sys.executable, "-m", "venv", "--clear", str(environment)], "python3 -m venv", 120)
        install = [str(environment / "bin" / "pip"), "install", "--quiet", "--no-deps", "-r", str(requirements)]
        run(install, "pip install", 600)
        done.write_text(wanted)
    return environment / "bin"


def start_python(
    stack: ExitStack, folder: Path, programs: Path, database: Path, redis: Redis, client: Client, workers: int
) -> int:
    """Seeds the Python service's database and starts it on `folder`/python.sock; it ends with `stack`.

    `programs` are those of prepare_python. The process that uvicorn's workers are children of.
    """
    environment = {
        **os.environ,
        "BENCH_SECRET_KEY": secrets.token_urlsafe(48),
        "BENCH_DB_SOCKET": str(database),
        "BENCH_DB_NAME": "bench_python",
        "BENCH_DB_USER": "bench_python",
        "BENCH_DB_PASSWORD": secrets.token_urlsafe(24),
        "BENCH_REDIS_URI": redis.uri,
    }
    person = {
        "BENCH_CLIENT_ID": client.identity,
        "BENCH_CLIENT_NAME": client.name,
        "BENCH_EMAIL": client.email,
        "BENCH_PASSWORD": client.password,
    }
    run([str(programs / "python"), str(PYTHON / "seed.py")], "seed.py", 60, {**environment, **person})

    path = folder / "python.sock"
    path.unlink(missing_ok=True)
    arguments = [str(programs / "uvicorn"), "app:app", "--app-dir", str(PYTHON), "--uds", str(path)]
    arguments += ["--workers", str(workers), "--loop", "uvloop", "--http", "httptools", "--timeout-keep-alive", "75"]
    arguments += ["--forwarded-allow-ips", "*"]
    # Logging as uvicorn ships it: a line for each request. In a file, as a service manager would have it.
    with open(folder / "python.log", "wb") as log:
        process = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    stack.callback(stop, process)
    wait_until(path.exists, 30, f"uvicorn does not listen; see {folder}/python.log")
    return process.pid


def python_token(base: str, client: Client) -> str:
    """Logs in at the Python service, once it answers."""
    body = json.dumps({"email": client.email, "password": client.password}).encode()
    request = urllib.request.Request(f"{base}/python/login", body, {"Content-Type": "application/json"})
    tokens: list[str] = []

    def answered() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                tokens.append(json.load(answer)["access_token"])
        except OSError:
            return False
        return True

    wait_until(answered, 30, "no login at the Python service within 30 s; see python.log")
    return tokens[0]
