"""Between second and third chapter: a site behind the gate, served by this nginx with the files of the package."""

import http.client
import json
import os
from email.message import Message
from typing import Any

from machine import EMAIL, GROUP, SOCKET, UNITS, do, journal, states, token, wait_until, wait_until_all_run, write

ROOT, SITE, LIMIT = "/var/www/guarded", "/etc/nginx/sites-enabled/guarded.conf", "/etc/postern/conf.d/20-guarded.toml"
PAGE = "behind the gate\n"
SERVER = f"""server {{
    listen 127.0.0.1:8080;
    root {ROOT};
    include snippets/postern.conf;
    location /kept/  {{ auth_request /postern/auth; }}
    location /ops/   {{ auth_request /postern/auth/group=ops; }}
    location /files/ {{ auth_request /postern/auth/limit=files; }}
}}
"""


def test_a_location_with_one_line_opens_for_a_token_and_for_nobody_else() -> None:
    for name in ["kept", "ops", "files"]:
        os.makedirs(f"{ROOT}/{name}")
        write(f"{ROOT}/{name}/page.txt", PAGE)
    write(LIMIT, '[limits]\nfiles = "2/hour"\n')
    write(SITE, SERVER)
    reload_both_workers()
    do("systemctl", "reload", "nginx.service")
    wait_until("nginx serves the site", is_served)
    assert "www-data" in do("ps", "-o", "user=", "-C", "nginx").split()
    assert refusal("/kept/page.txt", 401)["code"] == "unauthorized"
    assert refusal("/kept/page.txt", 401, "a.b.c")["code"] == "invalid_token"
    assert page("/kept/page.txt", token())


def test_a_location_for_a_group_is_403_for_others() -> None:
    good = token()
    assert refusal("/ops/page.txt", 403, good)["code"] == "forbidden"
    do("postern", "user", "group", "add", EMAIL, "ops")
    assert page("/ops/page.txt", good)
    do("postern", "user", "group", "remove", EMAIL, "ops")
    assert refusal("/ops/page.txt", 403, good)["code"] == "forbidden"


def test_a_location_with_a_named_limit_is_429_beyond_it() -> None:
    good = token()
    assert page("/files/page.txt", good) and page("/files/page.txt", good)
    assert refusal("/files/page.txt", 429, good)["code"] == "rate_limited"
    assert page("/kept/page.txt", good)


def test_while_postern_is_down_protected_locations_are_503_and_say_when_to_come_again() -> None:
    good = token()
    do("systemctl", "stop", SOCKET, GROUP)
    assert states(*UNITS) == ["inactive"] * 4
    for name in ["kept", "ops", "files"]:
        status, head, text = ask(f"/{name}/page.txt", good)
        assert (status, head["Retry-After"], json.loads(text)["code"]) == (503, "5", "unavailable"), (status, text)
    do("systemctl", "start", "postern")
    wait_until_all_run()
    assert page("/kept/page.txt", good)
    os.remove(SITE)
    os.remove(LIMIT)
    do("systemctl", "reload", "nginx.service")
    reload_both_workers()


def reload_both_workers() -> None:
    before = journal("-t", "postern").count("settings.loaded")
    do("systemctl", "reload", "postern")
    wait_until("both have taken it", lambda: journal("-t", "postern").count("settings.loaded") >= before + 2)


def ask(path: str, token: str = "") -> tuple[int, Message, str]:
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def is_served() -> bool:
    try:
        return ask("/kept/page.txt")[0] == 401
    except OSError:
        return False


def page(path: str, token: str) -> bool:
    status, _, text = ask(path, token)
    assert (status, text) == (200, PAGE), (status, text)
    return True


def refusal(path: str, status: int, token: str = "") -> dict[str, Any]:
    """What a program is told: a problem in JSON (RFC 9457), with the header that belongs to its status."""
    answered, head, text = ask(path, token)
    assert (answered, head.get_content_type()) == (status, "application/problem+json"), (answered, text)
    needed = {401: "WWW-Authenticate", 429: "Retry-After"}.get(status)
    assert needed is None or head[needed], dict(head)
    problem = json.loads(text)
    assert problem["status"] == status
    return problem
