"""docs/examples/nginx/site.conf as shipped: a static site whose parts ask for different things."""

import subprocess

import http_sf
import pytest

import tokens
from examples import example
from folders import KEPT
from problems import problem
from stack import free_port

LIMITS = '[limits]\ndownloads = { rate = "3/10s", per = "user" }\n'
PAGES = ("index.html", "page.txt", "ops/page.txt", "downloads/page.txt")
CHALLENGE = ".well-known/acme-challenge/x7"


@pytest.fixture(scope="module")
def plain():
    return free_port()


@pytest.fixture(scope="module")
def site(stack, plain, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    root = folder / "www"
    for name, text in {**dict.fromkeys(PAGES, KEPT), CHALLENGE: "proof\n", "robots.txt": "open\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    changes = {"listen 80;": f"listen 127.0.0.1:{plain};", "listen [::]:80;": "", "/var/www/docs": str(root)}
    with stack.settings.set(LIMITS), example(stack, folder, "site.conf", changes) as site:
        yield site


@pytest.mark.parametrize("path", ["/", "/index.html", "/page.txt", "/nothing", "/ops/page.txt", "/downloads/page.txt"])
def test_without_a_token_nothing_is_to_be_seen_not_even_what_is_there(visitor, path):
    response = visitor.get(path)
    assert problem(response, 401)["code"] == "unauthorized"
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


PROTOCOLS = {
    "HTTP/1.0": ["--http1.0"],
    "HTTP/1.1": ["--http1.1"],
    "HTTP/2": ["--http2"],
    "an absolute address": ["--http1.1", "--request-target", "https://elsewhere.example/page.txt"],
    "another host": ["--http1.1", "--header", "Host: elsewhere.example"],
    "no host": ["--http1.0", "--header", "Host:"],
    "a part of the file": ["--http1.1", "--range", "0-3"],
    "only if it is newer": ["--http1.1", "--time-cond", "yesterday"],
}


@pytest.mark.parametrize("options", PROTOCOLS.values(), ids=PROTOCOLS.keys())
def test_no_way_of_asking_gets_past_the_check(site, token, options):
    def ask(head: str) -> tuple[str, str]:
        words = [
            "curl",
            "--silent",
            "--show-error",
            "--cacert",
            site.ca,
            "--write-out",
            "\n%{http_code} %{http_version}",
        ]
        done = subprocess.run(
            [*words, *options, "--config", "-", site.url + "/page.txt"],
            input=head,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        body, _, outcome = done.stdout.rpartition("\n")
        status, version = outcome.split()
        assert (version == "2") == ("--http2" in options)
        return status, body

    status, body = ask("")
    assert status == "401" and KEPT[:4] not in body
    status, body = ask(f'header = "Authorization: Bearer {token}"\n')  # not in an argument
    assert status in ("200", "206") and KEPT.startswith(body)


def test_any_user_sees_the_site(visitor, token):
    for path in ("/", "/page.txt"):
        response = visitor.get(path, token)
        assert (response.status_code, response.text) == (200, KEPT)
    assert visitor.get("/nothing", token).status_code == 404


def test_a_part_is_for_its_group_alone(stack, visitor, user, new_user):
    assert problem(visitor.get("/ops/page.txt", tokens.token_for(stack, user)), 403)["code"] == "forbidden"
    member = new_user()
    assert stack.postern("user", "group", "add", member.email, "ops").returncode == 0
    assert visitor.get("/ops/page.txt", tokens.token_for(stack, member)).text == KEPT


def test_a_part_is_counted_and_says_what_is_left(visitor, token):
    left = []
    for _ in range(3):
        response = visitor.get("/downloads/page.txt", token)
        assert response.text == KEPT
        [(_, policy)] = http_sf.parse(response.headers["RateLimit-Policy"].encode(), tltype="list")
        [(name, state)] = http_sf.parse(response.headers["RateLimit"].encode(), tltype="list")
        assert dict(policy) == {"q": 3, "w": 10} and name == "downloads"
        left.append(state["r"])
    assert left == [2, 1, 0]
    refused = visitor.get("/downloads/page.txt", token)
    assert problem(refused, 429)["violated-policies"] == ["downloads"]
    assert refused.headers["RateLimit"].count("downloads") == 1
    assert visitor.get("/page.txt", token).status_code == 200


def test_certbot_and_crawlers_get_what_they_ask_for(visitor):
    assert visitor.get("/" + CHALLENGE).text == "proof\n"
    assert visitor.get("/robots.txt").text == "open\n"


def test_port_80_answers_certbot_and_sends_everybody_else_to_https(visitor, plain):
    def ask(path: str):
        return visitor.session.get(f"http://127.0.0.1:{plain}{path}", allow_redirects=False, timeout=20)

    assert ask("/" + CHALLENGE).text == "proof\n"
    response = ask("/page.txt?a=b")
    assert (response.status_code, response.headers["Location"]) == (301, "https://127.0.0.1/page.txt?a=b")
    assert KEPT not in response.text
