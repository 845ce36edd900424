"""What every part of the benchmark stands on: Postern, a Redis, the Python packages, and the nginx in front."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nginx
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
    counts: Redis
    programs: Path  # of the Python environment with the pinned packages
    base: str  # URL of nginx
    front: list[int]  # processes of nginx

    @property
    def python(self) -> Path:
        return self.programs / "python"


def start(ends: ExitStack, repository: Path) -> Ground:
    """Starts all of it; it ends with `ends`."""
    say("starting Postern (the first time this builds it)")
    product = stack.start(ends, repository, repository / ".run-bench")
    say("starting Redis and nginx (the first time this installs the Python packages)")
    counts = redis_server.start(ends, product.folder)
    programs = peers.prepare_python(product.folder)
    base, master = nginx.start(ends, product.folder, repository, product.socket, product.peer_secret)
    return Ground(product, counts, programs, base, with_children(master))
