"""The tests of the gate run twice, with two releases of nginx: each pass is served by the one that it says."""

import re
import subprocess

import nginx


def test_requests_go_through_the_nginx_that_is_named(client):
    printed = subprocess.run([nginx.PROGRAM, "-v"], capture_output=True, text=True, timeout=60, check=True).stderr
    [version] = re.findall(r"nginx/[\d.]+", printed)
    assert client.get("/healthz").headers["Server"] == version
