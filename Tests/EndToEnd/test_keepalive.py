"""256 keep-alive clients: idle connections hold no thread, so nobody times out."""

import re
import subprocess

import tokens


def test_256_keep_alive_clients_for_5_seconds_see_no_timeout_and_no_error(stack, user):
    token = tokens.token_for(stack, user)
    with stack.settings.set('[limits]\napi = { rate = "1000000/second", per = "user" }\n'):
        done = subprocess.run(
            [
                "wrk",
                "-t2",
                "-c256",
                "-d5s",
                "--timeout",
                "3s",
                "-H",
                f"Authorization: Bearer {token}",
                stack.site.url + "/me",
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert int(re.search(r"(\d+) requests in", done.stdout)[1]) > 256
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
