"""What one decision of `limits` costs on one thread: 20 in a minute, 1,000 keys in no order, as RateStress measures.

Prints the ns of a decision, the median of five rounds: python decisions.py LIMITER REDIS_URI
"""

import random
import statistics
import sys
import time

from limits import RateLimitItemPerMinute

from limiters import limiter

RULE = RateLimitItemPerMinute(20)
# Keys of each limiter's own: the two strategies keep values of different types in Redis.
KEYS = [f"{sys.argv[1]}-user-{number}" for number in range(1000)]
ROUNDS = 5
DECISIONS = {"memory": 20_000, "redis": 4_000}


def main() -> None:
    storage, _, strategy = sys.argv[1].partition("-")
    hit = limiter(storage, strategy, sys.argv[2]).hit
    for key in KEYS:  # every key has its entry first
        hit(RULE, key)
    times = []
    for _ in range(ROUNDS):
        keys = random.choices(KEYS, k=DECISIONS[storage])
        start = time.perf_counter_ns()
        for key in keys:
            hit(RULE, key)
        times.append((time.perf_counter_ns() - start) / len(keys))
    print(statistics.median(times))


main()
