"""A requirement is not lost by inheritance: many ways to write a server, and what each lets through."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

import configurations
from client import Client, RawResponse, Site
from configurations import Row
from folders import KEPT
from nginx import Nginx
from stack import free_port

ROWS = configurations.SHUT + [replace(row, stranger=200, leaks=True) for row in configurations.OPEN]

_SERVER = """server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    root {root};
    {config}
}}
"""

# An application that redirects inside nginx, and one that answers with the status in its path.
_APPLICATION = """fastcgi_cache_path {folder}/cache keys_zone=zone:1m;
server {{
    listen 127.0.0.1:{app};
    root {root};
    location /app/accel {{ add_header X-Accel-Redirect /kept/page.txt; return 200; }}
    location /app/401   {{ add_header WWW-Authenticate "Basic realm=app" always; return 401; }}
    location /app/403   {{ return 403; }}
    location /app/500   {{ return 500; }}
}}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("www")
    pages = {
        "kept/page.txt": KEPT,
        "kept/index.html": KEPT,
        "kept/sub/page.txt": KEPT,
        "open/page.txt": "open\n",
        "open/page.html": "open\n",
        "open/parts.html": '<!--# include virtual="/kept/page.txt" -->\n',
    }
    for name, text in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "passwords").write_text("basic:{PLAIN}secret\n")
    return root


@pytest.fixture(scope="module")
def served(stack, root, tmp_path_factory) -> Iterator[tuple[Nginx, dict[str, Site]]]:
    """A server for each row, all in one nginx."""
    folder, app = tmp_path_factory.mktemp("nginx") / "etc", free_port()
    nginx = Nginx(folder, stack.socket, stack.peer_secret)
    nginx.add("application", _APPLICATION.format(folder=folder, app=app, root=root))
    basic = f"auth_basic inner; auth_basic_user_file {root}/passwords;"
    sites = {}
    for row in ROWS:
        snippet = "include snippets/postern.conf;" if row.included else ""
        config = f"{row.before}\n    {snippet}\n    {row.config}"
        for word, value in {"{root}": str(root), "{app}": str(app), "{basic}": basic}.items():
            config = config.replace(word, value)
        port = free_port()
        nginx.add(row.name, _SERVER.format(port=port, run=stack.run, root=root, config=config))
        sites[row.name] = Site(f"https://127.0.0.1:{port}", stack.site.ca, port)
    assert len(sites) == len(ROWS)
    with nginx.running():
        yield nginx, sites


@pytest.fixture
def sites(served) -> dict[str, Site]:
    return served[1]


def ask(site: Site, row: Row, credential: str | None = None) -> RawResponse:
    head = f"{row.method} {row.path} HTTP/1.1\nHost: 127.0.0.1\nConnection: close\nRemote-User: root"
    if row.method == "POST":
        head += f"\nContent-Length: {row.body}"
    if credential is not None:
        head += f"\nAuthorization: {credential}"
    with Client(site).connection() as connection:
        return connection.ask(head, bytes(row.body))


def shows(response: RawResponse) -> bool:
    return KEPT.strip() in response.body.decode()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_a_stranger_and_a_user_see(sites, token, row):
    site = sites[row.name]
    for _ in range(2):  # the second time, after a user was let in
        refused = ask(site, row)
        assert (refused.status, shows(refused)) == (row.stranger, row.leaks)
        wrong = ask(site, row, "Bearer a.b.c")
        assert (wrong.status, shows(wrong)) == (row.stranger, row.leaks)
        assert ask(site, row, f"Bearer {token}").status == row.user


def test_the_table_says_what_a_user_sees_where_it_says_200(sites, token):
    """Or a row could be shut for everybody, and prove nothing."""
    hidden = [row.name for row in ROWS if row.user == 200 and not shows(ask(sites[row.name], row, f"Bearer {token}"))]
    assert hidden == ["a list of the folder", "the site's intercepted errors"]


def test_with_dead_workers_no_row_shows_what_the_check_keeps(stack, served, token):
    nginx, sites = served
    away = stack.socket.with_name("postern.sock.away")
    stack.socket.rename(away)
    try:
        nginx.close_kept_connections()
        answers = {row.name: ask(sites[row.name], row, f"Bearer {token}") for row in ROWS if not row.leaks}
    finally:
        away.rename(stack.socket)
    assert [name for name, answer in answers.items() if shows(answer)] == []
    worded = ("a location", "the server", "the gate's error_pages again beside it")
    assert [answers[name].status for name in worded] == [503] * 3
    assert answers["the site's page for a dead PHP"].status == 200


def test_with_satisfy_any_the_other_way_in_is_a_way_in(sites):
    [row] = [row for row in ROWS if row.name == "satisfy any with auth_basic"]
    response = ask(sites[row.name], row, "Basic YmFzaWM6c2VjcmV0")
    assert response.status == 200 and shows(response)


@pytest.mark.parametrize("name", ["auth_basic beside it wants the same header", "its 401, intercepted"])
def test_a_401_that_is_not_ours_keeps_its_own_question(sites, token, name):
    [row] = [row for row in ROWS if row.name == name]
    response = ask(sites[name], row, f"Bearer {token}")
    assert response.status == 401 and response.headers["www-authenticate"].startswith("Basic ")
