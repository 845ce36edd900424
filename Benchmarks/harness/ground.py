"""What the parts of the benchmark stand on: Postern and the nginx in front; for what is compared in Python, its packages
and a Redis."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nginx
from nginx import Front
import peers
from processor import with_children
import redis_server
from redis_server import Redis
from report import say
import stack
from stack import Stack


@dataclass(frozen=True)
class Ground:
    product: Stack
    nginx: Front
    front: list[int]  # processes of nginx

    @property
    def base(self) -> str:
        return self.nginx.base


@dataclass(frozen=True)
class Others:
    """What the Python programs need."""

    counts: Redis
    programs: Path  # of the Python environment with the pinned packages

    @property
    def python(self) -> Path:
        return self.programs / "python"


def start(ends: ExitStack, repository: Path) -> Ground:
    """Starts Postern and nginx; they end with `ends`."""
    say("starting Postern (the first time this builds it)")
    product = stack.start(ends, repository, repository / ".run-bench")
    front = nginx.start(ends, product.folder, repository, product.socket, product.peer_secret)
    return Ground(product, front, with_children(front.process))


def start_others(ends: ExitStack, folder: Path) -> Others:
    """Starts Redis, which ends with `ends`."""
    say("starting Redis (the first time this installs the Python packages)")
    return Others(redis_server.start(ends, folder), peers.prepare_python(folder))
