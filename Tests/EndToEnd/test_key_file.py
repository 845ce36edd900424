"""The key file changes under two running workers: nobody is refused, and a broken file changes nothing."""

import json
import os
import secrets
import threading
from urllib.parse import urlencode

import jwt
import pytest

import contract
import tokens
from client import Client
from load import Load
from wait import until

READ, SIGN = 1, 2  # seconds: a file is read within 1 s, a new key first signs 2 s after that
MANY = '[limits]\napi = { rate = "100000/minute", per = "user" }\n'
PUBLIC = b"!ChangeThisMercureHubJWTSecretKey!"  # printed in the documentation of that software


def new_secret() -> bytes:
    return secrets.token_urlsafe(48).encode()


def write(path, content: bytes, mode: int = 0o640) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
    os.chmod(path, mode)


def by_rename(path, content: bytes) -> None:
    write(f"{path}.new", content)
    os.rename(f"{path}.new", path)


def by_symlink(path, content: bytes) -> None:
    """As Kubernetes and vault agents do: the name is a link, and a folder's link behind it is swapped."""
    folder = path.parent / f"mounted-{secrets.token_hex(4)}"
    folder.mkdir()
    write(folder / "key", content)
    data = path.parent / "..data"
    os.symlink(folder, f"{data}.new")
    os.rename(f"{data}.new", data)
    if not path.is_symlink():
        os.symlink(data / "key", f"{path}.new")
        os.rename(f"{path}.new", path)


def in_place(path, content: bytes) -> None:
    with open(path, "r+b") as file:
        file.write(content)
        file.truncate()


def wait_for_event(stack, mark: int, name: str) -> list:
    return stack.journal.wait_for(mark, lambda event: event.name == name, name, count=2, seconds=3 * (READ + SIGN))


@pytest.fixture
def signing_keys(stack, user, workers_apart, parameters):
    """Asks each worker which key it signs with."""

    def ask() -> set[str]:
        form = urlencode({"email": user.email, "password": user.password}).encode()
        request = parameters(
            "POST", "/login", CONTENT_TYPE="application/x-www-form-urlencoded", CONTENT_LENGTH=str(len(form))
        )
        logins = [json.loads(connection.ask(request, form).body) for connection in workers_apart.values()]
        stack.confidential.update(login["access_token"] for login in logins)
        return {jwt.get_unverified_header(login["access_token"])["kid"] for login in logins}

    return ask


@pytest.fixture
def key_file(stack, signing_keys):
    """The key file; behind the test it is as it was, and both workers sign with it again."""
    before = stack.key_file.read_bytes()
    mode = stack.key_file.stat().st_mode & 0o777
    key_id = tokens.thumbprint(stack.key)
    yield stack.key_file
    write(f"{stack.key_file}.new", before, mode)
    os.rename(f"{stack.key_file}.new", stack.key_file)
    wait_to_sign_with(signing_keys, key_id)


def wait_to_sign_with(signing_keys, key_id: str) -> None:
    until(
        lambda: signing_keys() == {key_id},
        3 * (READ + SIGN),
        "both workers to sign with the key of the file",
        every=0.2,
    )


@pytest.fixture
def logins(stack, new_user):
    """Three clients that log in and use the fresh token at once, at whichever worker takes it; the key ids are kept."""
    users = [new_user() for _ in range(3)]
    mine, free, key_ids = threading.local(), list(users), []

    def ask() -> int:
        if not hasattr(mine, "user"):
            mine.user, mine.client = free.pop(), Client(stack.site)
        answer = mine.client.login(mine.user.email, mine.user.password)
        if answer.status_code != 200:
            return answer.status_code
        token = answer.json()["access_token"]
        stack.confidential.add(token)
        statuses = {Client(stack.site).get("/me", token).status_code for _ in range(4)}
        key_ids.append(jwt.get_unverified_header(token)["kid"])
        return max(statuses)

    with stack.settings.set(MANY), Load(ask, 3).running() as load:
        yield load, key_ids


@pytest.mark.parametrize("swap", [by_rename, by_symlink, in_place])
def test_no_worker_refuses_a_token_of_the_other_while_the_file_is_swapped(
    stack, key_file, signing_keys, user, logins, swap
):
    load, key_ids = logins
    client = Client(stack.site)
    old = tokens.token_for(stack, user)
    old_id = tokens.thumbprint(stack.key)
    until(lambda: len(key_ids) >= 6, 20, "logins with the old key")

    secret = new_secret()
    stack.confidential.add(secret.decode())
    swap(key_file, secret + b"\n")
    new_id = tokens.thumbprint(secret)
    wait_to_sign_with(signing_keys, new_id)
    count = len(key_ids)
    until(lambda: len(key_ids) >= count + 6, 20, "logins with the new key")

    assert load.failures == []
    assert set(load.answers) == {200}
    assert set(key_ids) == {old_id, new_id}
    assert client.get("/me", old).status_code == 200
    assert client.get("/me", tokens.token_for(stack, user)).status_code == 200


BROKEN = {
    "empty": lambda path: by_rename(path, b""),
    "short": lambda path: by_rename(path, b"x" * 31),
    "publicly known": lambda path: by_rename(path, PUBLIC),
    "half a key set": lambda path: by_rename(path, b'{"keys":[{"kty":"oct"'),
    "a set without keys": lambda path: by_rename(path, b'{"keys":[]}'),
    "readable by all": lambda path: (write(f"{path}.new", new_secret(), 0o644), os.rename(f"{path}.new", path)),
    "writable by its group": lambda path: (write(f"{path}.new", new_secret(), 0o660), os.rename(f"{path}.new", path)),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_leaves_the_old_key_in_force_and_says_so(stack, client, user, key_file, signing_keys, spoil):
    token = tokens.token_for(stack, user)
    key_id = tokens.thumbprint(stack.key)
    before, mode = key_file.read_bytes(), key_file.stat().st_mode & 0o777
    mark = stack.journal.mark()
    spoil(key_file)
    events = wait_for_event(stack, mark, contract.KEY_REFUSED)
    assert all(event["reason"] and event["file"] == str(key_file) for event in events)
    assert signing_keys() == {key_id}
    assert [client.get("/me", token).status_code for _ in range(4)] == [200] * 4
    assert client.get("/readyz").status_code == 200

    mark = stack.journal.mark()
    write(f"{key_file}.new", before, mode)
    os.rename(f"{key_file}.new", key_file)
    wait_for_event(stack, mark, contract.KEY_CHANGED)  # it says as well that the file is good again


def test_a_key_set_replaces_the_raw_secret(stack, client, user, key_file):
    secret = new_secret()
    stack.confidential.add(tokens.base64url(secret))
    old = tokens.token_for(stack, user)
    mark = stack.journal.mark()
    by_rename(
        key_file,
        b'{"keys":[{"kty":"oct","alg":"HS256","use":"sig","kid":"set-1","k":"%s"}]}'
        % tokens.base64url(secret).encode(),
    )
    wait_for_event(stack, mark, contract.KEY_CHANGED)
    header = tokens.AT_JWT | {"kid": "set-1"}
    until(
        lambda: client.get("/me", tokens.sign(stack, tokens.claims(stack, user), header, secret)).status_code == 200,
        3 * READ,
        "the key of the set to verify",
        every=0.5,
    )
    assert client.get("/me", old).status_code == 200
