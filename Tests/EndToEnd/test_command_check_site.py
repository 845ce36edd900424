"""postern check --site: forged requests through a real nginx, on clean locations and on real holes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from nginx import Nginx
from stack import ROOT, free_port

SERVER = """
log_format knock '$remote_user|$http_user_agent|$server_protocol|$request';
server {{
    listen 127.0.0.1:{port} ssl http2;
    server_name 127.0.0.1 shop.example.com;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    access_log {folder}/knock.log knock;
    root {root};
    include snippets/postern.conf;
{lines}
}}
"""
MOST = 75  # requests for a location; docs/check.md says so


@dataclass
class Shop:
    nginx: Nginx
    port: int
    stack: object

    def check(self, status: int, *more: str, with_nginx: bool = True) -> list[dict]:
        """The findings on the site."""
        words = ["check", "--site", f"https://127.0.0.1:{self.port}", "--ca", self.stack.site.ca, "--json", *more]
        if with_nginx:
            words += ["--nginx", str(self.nginx.folder / "nginx.conf")]
        done = self.stack.postern(*words)
        assert done.returncode == status, done.stdout + done.stderr
        return [finding for finding in json.loads(done.stdout)["findings"] if finding["subject"] == "site"]

    def requests(self) -> list[list[str]]:
        return [line.split("|") for line in (self.nginx.folder / "knock.log").read_text().splitlines()]


@pytest.fixture
def serving(stack, tmp_path):
    @contextmanager
    def serve(lines: str, http: str = "") -> Iterator[Shop]:
        root = tmp_path / "root"
        for folder in ("kept", "other"):
            (root / folder).mkdir(parents=True)
            (root / folder / "index.html").write_text("kept\n")
        nginx = Nginx(tmp_path / "etc", stack.socket, stack.peer_secret)
        port = free_port()
        nginx.add(
            "shop.conf", SERVER.format(port=port, run=stack.run, folder=nginx.folder, root=root, lines=lines) + http
        )
        with nginx.running():
            yield Shop(nginx, port, stack)

    return serve


CLEAN = """
    location ^~ /kept/  { auth_request /postern/auth; }
    location = /one     { auth_request /postern/auth; }
    location ~ \\.html$ { }
    location / { try_files $uri /other/index.html; }
"""


def test_a_clean_site_lets_nothing_through_and_is_asked_politely(stack, serving):
    with serving(CLEAN) as shop:
        findings = shop.check(0)
        assert [finding["state"] for finding in findings] == ["ok", "ok"], findings
        assert findings[0]["detail"].startswith("/kept/ ") and "none got through (401 " in findings[0]["detail"]
        assert findings[1]["detail"].startswith("/one ")
        requests = shop.requests()
        assert 50 < len(requests) <= 2 * MOST
        version = (ROOT / "VERSION").read_text().strip()
        assert {agent for _, agent, _, _ in requests} <= {f"postern-check/{version}", "-"}
        # One password of nobody's, in all.
        assert [user for user, *_ in requests if user not in ("-", "")] == ["postern-check@nobody.invalid"]
        assert {protocol for _, _, protocol, _ in requests} >= {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"}


def test_a_regular_expression_that_beats_the_prefix_is_found_from_outside(stack, serving):
    with serving("location /kept/ { auth_request /postern/auth; } location ~ \\.html$ { }") as shop:
        findings = shop.check(1)
        assert any("GET /kept/index.html got through: 200" in finding["detail"] for finding in findings), findings
        assert all("none got through" not in finding["detail"] for finding in findings)


def test_slashes_that_are_not_merged_are_found_from_outside(stack, serving):
    with serving("merge_slashes off; location /kept/ { auth_request /postern/auth; }") as shop:
        findings = shop.check(1, "--location", "/kept/", with_nginx=False)
        assert any("GET //kept/ got through: 200" in finding["detail"] for finding in findings), findings


def test_what_a_header_or_a_method_opens_is_found_from_outside(stack, serving):
    lines = """
        location /kept/ { auth_request /postern/auth; if ($http_x_rewrite_url) { rewrite ^ /other/index.html last; } }
        location /cors/ { auth_request /postern/auth; if ($request_method = OPTIONS) { return 204; } }
    """
    with serving(lines) as shop:
        findings = shop.check(1, "--location", "/kept/", "--location", "/cors/", with_nginx=False)
        through = [finding["detail"] for finding in findings]
        assert len(through) == 2, findings
        assert "/kept/: GET /kept/ with X-Rewrite-URL: / got through: 200" in through[0]
        assert "/cors/: OPTIONS /cors/ got through: 204" in through[1]


def test_another_location_that_answers_404_is_a_warning(stack, serving):
    with serving("location /kept/ { auth_request /postern/auth; } location ~ \\.php$ { return 404; }") as shop:
        findings = shop.check(0, "--location", "/kept/", with_nginx=False)
        [finding] = findings
        assert finding["state"] == "warn" and "/kept/postern-check.php" in finding["detail"]


def test_an_open_location_is_said_to_be_open_and_not_knocked_at(stack, serving):
    with serving("location /kept/ { auth_request /postern/auth; }") as shop:
        [finding] = shop.check(1, "--location", "/other/", with_nginx=False)
        assert finding["detail"].startswith("/other/: open: 200")
        assert len(shop.requests()) < 10


def test_an_application_that_refuses_in_words_of_its_own_is_not_taken_for_the_gate(stack, serving):
    """As many do it: with the id of the request, and the form of problem details."""
    port = free_port()
    application = "".join(f"location /{status}/ {{ return {status} '{{}}'; }}" for status in (401, 403))
    http = f"""server {{
        listen 127.0.0.1:{port};
        default_type application/problem+json;
        add_header X-Request-Id $request_id always;
        {application}
    }}"""
    lines = f"""
        location /kept/ {{ auth_request /postern/auth; }}
        location ~ \\.php$ {{ rewrite ^ /401/ break; proxy_pass http://127.0.0.1:{port}; }}
        location /app/    {{ proxy_pass http://127.0.0.1:{port}/401/; }}
        location /api/    {{ proxy_pass http://127.0.0.1:{port}/403/; }}
    """
    with serving(lines, http) as shop:
        paths = ("--location", "/kept/", "--location", "/app/", "--location", "/api/")
        findings = {finding["detail"].split(":")[0]: finding for finding in shop.check(1, *paths, with_nginx=False)}
        for path, state, text in (
            ("/app/", "warn", "an application may have answered"),
            ("/api/", "fail", "open: 403"),
            ("/kept/", "warn", "GET /kept/index.php: 401"),
        ):
            assert findings[path]["state"] == state and text in findings[path]["detail"], findings[path]


def test_where_identity_is_handed_on_openly_it_says_that_nobody_can_judge(stack, serving):
    lines = """
        location /kept/ { auth_request /postern/auth; }
        location /app/  { include snippets/postern-identity-proxy.conf; proxy_pass http://127.0.0.1:1; }
    """
    with serving(lines) as shop:
        findings = shop.check(0)
        assert [finding["state"] for finding in findings] == ["ok", "ok"], findings
        assert "not to be judged from outside" in findings[1]["detail"] and "/app/" in findings[1]["detail"]


def test_a_site_that_does_not_answer_or_is_not_trusted_is_a_failure(stack, serving):
    with serving(CLEAN) as shop:
        words = ("check", "--site", f"https://127.0.0.1:{shop.port}", "--location", "/kept/")
        done = stack.postern(*words)
        assert done.returncode == 1 and "certificate" in done.stdout
        done = stack.postern("check", "--site", f"https://127.0.0.1:{free_port()}", "--location", "/kept/")
        assert done.returncode == 1 and "site" in done.stdout


def test_a_name_that_nginx_does_not_know_and_one_without_checks_are_told_apart_from_a_clean_site(stack, serving):
    with serving("location /open/ { }") as shop:
        [finding] = shop.check(1)
        assert "no location with a check" in finding["detail"]
        done = stack.postern("check", "--site", f"https://127.0.0.1:{shop.port}")
        assert done.returncode == 1 and "--location /path" in done.stdout


def test_while_postern_is_away_nothing_is_claimed(stack, serving):
    with serving(CLEAN) as shop:
        (stack.run / "postern.sock").rename(stack.run / "postern.sock.away")
        try:
            findings = shop.check(0, "--location", "/kept/", with_nginx=False)
        finally:
            (stack.run / "postern.sock.away").rename(stack.run / "postern.sock")
        [finding] = findings
        assert finding["state"] == "warn" and "away (503)" in finding["detail"]
