"""docs/examples/nginx/wordpress.conf as shipped, with a real php-fpm and scripts where WordPress has them."""

import pytest

import tokens
from access import basic_of
from examples import example
from php import php_fpm, tell
from problems import problem

OPEN = ("index.php", "wp-cron.php", "wp-comments-post.php", "wp-admin/admin-ajax.php")
KEPT = (
    "wp-login.php",
    "wp-admin/index.php",
    "wp-admin/users.php",
    "wp-admin/network/index.php",
    "wp-admin/admin-post.php",
)
UPLOADED = "wp-content/uploads/2026/11/shell.php"
CHALLENGE = ".well-known/acme-challenge/x7"
FORGED = {"Remote-User": "root", "Remote-Groups": "editors"}


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    root = folder / "www"
    tell(root, *OPEN, *KEPT, "xmlrpc.php", UPLOADED)
    for name, text in {
        "wp-admin/css/login.css": "css\n",
        CHALLENGE: "proof\n",
        "wp-content/style.css": "css\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    with php_fpm(folder) as socket:
        changes = {"/var/www/wordpress": str(root), "/run/php/php-fpm.sock": str(socket)}
        with example(stack, folder, "wordpress.conf", changes) as site:
            yield site


@pytest.fixture
def editor(stack, new_user):
    user = new_user()
    assert stack.postern("user", "group", "add", user.email, "editors").returncode == 0
    return user


ADMINISTRATION = ["/" + path.removesuffix("index.php") for path in KEPT] + [
    "/wp-admin/index.php",
    "/wp-admin/css/login.css",
    "/wp-admin/nothing.php",
    "/wp-login.php?action=lostpassword",
    # A script runs with a path behind its name as well, and this one ends as the expression for PHP asks.
    "/wp-login.php/x.php",
    "/wp-admin/users.php/x.php",
    "/wp-admin/admin-ajax.php/x.php",
]


@pytest.mark.parametrize("path", ADMINISTRATION)
def test_the_administration_is_shut(visitor, path):
    assert problem(visitor.get(path), 401)["code"] == "unauthorized"
    assert problem(visitor.get(path, headers=FORGED), 401)["code"] == "unauthorized"


def test_without_the_slash_it_is_shut_too(visitor):
    """/wp-admin is a file of `location /`, whose try_files leads to the folder and its index to the check."""
    response = visitor.get("/wp-admin")
    assert "ran" not in response.text and response.status_code in (301, 401)


@pytest.mark.parametrize("path", KEPT)
def test_it_is_for_its_group_alone(stack, visitor, editor, token, path):
    assert problem(visitor.get("/" + path, token), 403)["code"] == "forbidden"
    token = tokens.token_for(stack, editor)
    told = visitor.get("/" + path, token).json()
    assert told["ran"] == path.rsplit("/", 1)[-1]
    assert (told["REMOTE_USER"], told["REMOTE_GROUPS"]) == (editor.id, "editors")
    assert_no_credential(told, token)


@pytest.mark.parametrize("path", KEPT)
def test_with_basic_on_it_sees_no_password(stack, visitor, editor, path):
    header = basic_of(editor)
    with stack.settings.set("[gate]\nbasic = true\n"):
        told = visitor.get("/" + path, headers=header).json()
    assert told["REMOTE_USER"] == editor.id
    assert_no_credential(told, header["Authorization"].removeprefix("Basic "), editor.password)


def assert_no_credential(told: dict[str, str], *secrets: str) -> None:
    assert not [name for name in told if name.startswith(("PHP_AUTH", "HTTP_AUTH"))]
    assert not [secret for secret in secrets if secret in str(told)]


@pytest.mark.parametrize("path", OPEN)
def test_what_visitors_need_is_open_and_nobody_there_can_be_somebody(visitor, path):
    told = visitor.get("/" + path, headers=FORGED).json()
    assert told["ran"] == path.rsplit("/", 1)[-1]
    assert told["REMOTE_USER"] == told["REMOTE_GROUPS"] == ""
    assert not [name for name in told if name.startswith("HTTP_REMOTE")]


def test_permalinks_lead_to_the_front_page_and_cannot_lead_to_the_administration(visitor):
    told = visitor.get("/2026/11/hello-world/?p=7").json()
    assert (told["ran"], told["QUERY_STRING"]) == ("index.php", "p=7")
    for path in ("/2026/../wp-admin/users.php", "/wp-content/..%2fwp-admin/users.php", "//wp-admin//users.php"):
        with visitor.connection() as connection:
            answer = connection.ask(f"GET {path} HTTP/1.1\nHost: 127.0.0.1")
        assert answer.status == 401 and b"users.php" not in answer.body, path


def test_the_old_door_is_shut_and_an_uploaded_script_never_runs(visitor):
    for path in ("/xmlrpc.php", "/xmlrpc.php/x.php"):
        assert visitor.post(path, data="x").status_code == 403
    response = visitor.get("/" + UPLOADED)
    assert response.status_code == 403 and "REMOTE" not in response.text


def test_files_and_certbot_are_served(visitor):
    assert visitor.get("/wp-content/style.css").text == "css\n"
    assert visitor.get("/" + CHALLENGE).text == "proof\n"
