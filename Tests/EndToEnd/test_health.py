"""GET /healthz and /readyz: for monitoring, from listed networks only."""

import pytest


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_all_is_well(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_has_no_limit(client, path):
    assert {client.get(path).status_code for _ in range(60)} == {200}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_other_networks_do_not_see_it(direct, parameters, path):
    with direct() as connection:
        assert connection.ask(parameters("GET", path, REMOTE_ADDR="203.0.113.9")).status == 404
        assert connection.ask(parameters("GET", path, REMOTE_ADDR="::1")).status == 200


def test_the_networks_are_a_setting(stack, direct, parameters):
    with stack.settings.set('[monitor]\nallow = ["203.0.113.0/24"]\n'), direct() as connection:
        assert connection.ask(parameters("GET", "/healthz", REMOTE_ADDR="203.0.113.9")).status == 200
        assert connection.ask(parameters("GET", "/healthz")).status == 404
