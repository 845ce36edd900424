"""The limiters of the package `limits` that are compared, and the rule that all are asked under.

`fixed` is what slowapi takes unless told otherwise, `moving` is the one strategy of `limits` that keeps a log of
admissions. In memory each process counts for itself; in Redis all count together, over a unix socket.
"""

from collections.abc import Callable
import http.client
from urllib.parse import urlsplit

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

STRATEGIES: dict[str, type[RateLimiter]] = {"fixed": FixedWindowRateLimiter, "moving": MovingWindowRateLimiter}


def limiter(storage: str, strategy: str, redis: str) -> RateLimiter:
    """A limiter of this process. `storage` is `memory` or `redis`, which is then at the URI `redis`."""
    return STRATEGIES[strategy](MemoryStorage() if storage == "memory" else RedisStorage(redis))


def asks_limiter(name: str, redis: str, rule: RateLimitItem, key: str) -> Callable[[], bool]:
    """A function that asks the limiter `name`, as `memory-fixed`, for one place; true when it is admitted."""
    storage, _, strategy = name.partition("-")
    chosen = limiter(storage, strategy, redis)
    return lambda: chosen.hit(rule, key)


def asks_url(url: str) -> Callable[[], bool]:
    """A function that sends one GET over a kept connection of its own; true for 200, false for 429."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path

    def ask() -> bool:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 429):
            raise SystemExit(f"{url} answered {answer.status}")
        return answer.status == 200

    return ask
