"""An answer that is given before the body was read reaches the client, and is never nginx's 502."""

import pytest

from problems import problem

LARGE = b"x" * 600_000  # more than the socket between nginx and the worker holds

EARLY = {
    "413 of a login": (413, "POST", "/login"),
    "404 of an unknown path": (404, "POST", "/photos/unknown"),
    "401 of a protected route": (401, "GET", "/me"),
    "413 on a kept connection": (413, "GET", "/public/search?q=a"),
}


@pytest.mark.parametrize("status, method, path", EARLY.values(), ids=EARLY.keys())
def test_it_arrives_in_100_of_100_tries(new_client, status, method, path):
    for attempt in range(100):
        if attempt % 5 == 0:  # below every limit by address
            client = new_client()
        problem(client.request(method, path, data=LARGE, headers={"Content-Type": "application/json"}), status)
