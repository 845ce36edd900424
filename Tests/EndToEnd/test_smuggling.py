"""Bodies that hold forged FastCGI records: none runs, and nobody gets a foreign answer."""

import threading

import pytest

import contract
import fastcgi
from client import Client, fresh_address
from load import Load

MARKER = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"
SIZES = {"a body that is read": 24_000, "a body that is too large": 90_000}
TARGETS = {
    "login": ("POST", "/login"),
    "an unknown path": ("POST", "/photos/unknown"),
    "an unknown path over kept connections": ("GET", "/photos/unknown"),
    "a route that refuses early": ("GET", "/me"),
}


@pytest.fixture
def forged(stack) -> tuple[bytes, str]:
    """A request as the worker would believe it, peer secret included, and the address that it would be charged to."""
    address = fresh_address()
    parameters = {
        "REQUEST_METHOD": "GET",
        "DOCUMENT_URI": "/me",
        "POSTERN_ROLE": "api",
        "POSTERN_PEER": stack.peer_secret,
        "REMOTE_ADDR": address,
        "REQUEST_ID": MARKER,
        "HTTP_AUTHORIZATION": "Bearer forged",
    }
    return fastcgi.request(parameters), address


@pytest.fixture
def bystander(stack):
    """Another client on kept connections, who must only ever see answers to its own question."""
    mine = threading.local()

    def ask() -> int:
        if not hasattr(mine, "client"):
            mine.client = Client(stack.site)
        response = mine.client.get("/healthz")
        return response.status_code if MARKER not in str(response.headers) + response.text else 0

    with Load(ask, 2).running() as load:
        yield load


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
@pytest.mark.parametrize("method, path", TARGETS.values(), ids=TARGETS.keys())
def test_no_forged_record_runs_at_any_alignment(stack, bystander, forged, direct, parameters, method, path, size):
    request, address = forged
    mark = stack.journal.mark()
    # The body repeats the forged request, so shifting it by 0 to its length puts every byte of it at every place.
    for shift in range(len(request)):
        if shift % 10 == 0:  # below every limit by address
            client = Client(stack.site)
        body = (b"x" * shift + request * (size // len(request) + 1))[:size]
        response = client.request(method, path, data=body, headers={"Content-Type": "application/json"})
        assert response.status_code in (400, 401, 404, 413), response.text
        assert MARKER not in str(response.headers) + response.text

    assert bystander.failures == []
    assert set(bystander.answers) == {200}
    assert MARKER not in stack.journal.text(mark)
    # Had one run, it would have spent a place of its address.
    with direct() as connection:
        answer = connection.ask(parameters("GET", "/me", REMOTE_ADDR=address))
        assert answer.status == 401
        assert "r=19" in answer.headers["ratelimit"]


def test_the_forged_request_is_one_that_would_run(stack, forged, direct):
    """Sent straight to the socket it is answered: so the tests above look for something that can be seen."""
    with direct() as connection:
        connection.send(forged[0])
        answer = connection.read_answer()
    assert answer.status == 401
    assert answer.headers["x-request-id"] == MARKER
    assert stack.journal.of_trace(contract.REQUEST_REFUSED, MARKER)
