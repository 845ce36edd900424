"""A private Redis: its own process on a Unix socket, nothing kept on disk. Asked with redis-cli."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
import re
import subprocess

from failure import Failure
from processes import run, stop, wait_until


@dataclass(frozen=True)
class Redis:
    socket: Path
    process: int

    @property
    def uri(self) -> str:
        """As redis-py and limits name it."""
        return f"redis+unix://{self.socket}"

    def ask(self, *command: str) -> str:
        """What Redis answers to one command, as redis-cli prints it when nobody looks at a terminal."""
        return run(["redis-cli", "-e", "-s", str(self.socket), *command], f"redis-cli {command[0]}", 10).strip()

    def keys(self) -> list[str]:
        return self.ask("KEYS", "*").split()

    def calls(self, command: str) -> int:
        """How often `command`, in small letters, was carried out since the start, whoever sent it."""
        found = re.search(rf"^cmdstat_{command}:calls=(\d+)", self.ask("INFO", "commandstats"), re.MULTILINE)
        return int(found[1]) if found else 0

    def client_names(self) -> set[str]:
        """The names that connected clients gave themselves."""
        return set(re.findall(r" name=(\S+)", self.ask("CLIENT", "LIST")))


def start(stack: ExitStack, folder: Path) -> Redis:
    """Starts Redis on `folder`/redis.sock; it ends with `stack`."""
    path, log = folder / "redis.sock", folder / "redis.log"
    path.unlink(missing_ok=True)
    arguments = ["redis-server", "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    arguments += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    with open(log, "wb") as output:
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    stack.callback(stop, process)
    redis = Redis(path, process.pid)

    def answers() -> bool:
        try:
            return redis.ask("PING") == "PONG"
        except Failure:
            return False

    wait_until(answers, 10, f"Redis does not answer; see {log}")
    return redis
