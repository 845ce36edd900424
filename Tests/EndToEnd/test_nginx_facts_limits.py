"""A limit for each user at any location, beside what nginx alone can; and nginx's cache behind a check."""

import pytest

import tokens
from client import Client, Site
from folders import KEPT
from nginx import Nginx
from problems import problem
from stack import free_port

LIMITS = '[limits]\nfiles = { rate = "3/10s", per = "user" }\n'

SERVERS = """
limit_req_zone $binary_remote_addr zone=by_address:1m rate=1r/m;
limit_req_zone $postern_user       zone=by_user:1m    rate=1r/m;
proxy_cache_path {folder}/cache keys_zone=kept:1m;
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    root {root};
    include snippets/postern.conf;
    limit_req_status 429;

    location /ours/       {{ auth_request /postern/auth/limit=files; alias {root}/; }}
    location /first/      {{ auth_request /postern/auth; limit_req zone=by_address; alias {root}/; }}
    location /user/       {{ auth_request /postern/auth; limit_req zone=by_user; alias {root}/; }}
    location /shared/     {{ auth_request /postern/auth; include snippets/postern-identity-proxy.conf;
                             proxy_cache kept; proxy_cache_valid any 1h; proxy_pass http://127.0.0.1:{app}/who; }}
    location /apart/      {{ auth_request /postern/auth; include snippets/postern-identity-proxy.conf;
                             proxy_cache kept; proxy_cache_valid any 1h; proxy_cache_key $postern_user$request_uri;
                             proxy_pass http://127.0.0.1:{app}/who; }}
    location /cached/     {{ auth_request /postern/auth; proxy_cache kept; proxy_cache_valid any 1h;
                             proxy_pass http://127.0.0.1:{app}/; }}
}}
server {{                                           # auth_request with nothing of ours
    listen 127.0.0.1:{plain} ssl;
    ssl_certificate     {run}/tls/server.crt;
    ssl_certificate_key {run}/tls/server.key;
    root {root};
    location /kept/  {{ auth_request /check; alias {root}/; }}
    location /check  {{ internal; proxy_pass http://127.0.0.1:{app}/limited; }}
}}
server {{
    listen 127.0.0.1:{app};
    root {root};
    location /who     {{ return 200 $http_remote_user; }}
    location /limited {{ add_header Retry-After 7 always; return 429; }}
}}
"""


@pytest.fixture(scope="module")
def sites(stack, tmp_path_factory) -> dict[str, Site]:
    folder = tmp_path_factory.mktemp("limits")
    root = folder / "www"
    root.mkdir()
    (root / "page.txt").write_text(KEPT)
    ports = {"port": free_port(), "plain": free_port(), "app": free_port()}
    nginx = Nginx(folder / "etc", stack.socket, stack.peer_secret)
    nginx.add("limits", SERVERS.format(run=stack.run, root=root, folder=folder, **ports))
    with stack.settings.set(LIMITS), nginx.running():
        yield {name: Site(f"https://127.0.0.1:{port}", stack.site.ca, port) for name, port in ports.items()}


def test_ours_is_a_429_and_that_of_a_plain_auth_request_a_500(sites, token):
    visitor = Client(sites["port"])
    assert [visitor.get("/ours/page.txt", token).status_code for _ in range(3)] == [200] * 3
    refused = visitor.get("/ours/page.txt", token)
    assert problem(refused, 429)["violated-policies"] == ["files"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 10

    plain = Client(sites["plain"]).get("/kept/page.txt", token)
    assert plain.status_code == 500
    assert "Retry-After" not in plain.headers


def test_limit_req_counts_before_it_is_known_who_asks(sites, token):
    visitor = Client(sites["port"])
    assert visitor.get("/first/page.txt").status_code == 401  # a stranger takes the place
    assert visitor.get("/first/page.txt", token).status_code == 429  # of everybody at this address


def test_limit_req_by_user_limits_nobody(sites, token):
    visitor = Client(sites["port"])
    assert [visitor.get("/user/page.txt", token).status_code for _ in range(10)] == [200] * 10


def test_what_nginx_has_in_its_cache_is_checked_as_well(sites, token):
    visitor = Client(sites["port"])
    assert visitor.get("/cached/page.txt", token).text == KEPT
    assert visitor.get("/cached/page.txt", token).text == KEPT
    assert KEPT not in visitor.get("/cached/page.txt").text
    problem(visitor.get("/cached/page.txt"), 401)


def test_a_cache_hands_on_what_was_made_for_somebody_else_unless_its_key_says_whom(stack, sites, new_user):
    visitor, users = Client(sites["port"]), [new_user(), new_user()]
    told = {
        path: [visitor.get(path, tokens.token_for(stack, user)).text for user in users]
        for path in ("/shared/page", "/apart/page")
    }
    assert told == {"/shared/page": [users[0].id] * 2, "/apart/page": [user.id for user in users]}
