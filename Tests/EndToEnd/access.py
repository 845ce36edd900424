"""What a user may do, as the sysadmin's command sets it, and the credentials that a program sends."""

import base64
import json

from users import User


def change(stack, user: User, kind: str, how: str, *names: str) -> str:
    """`postern user group|scope add|remove`; what it said."""
    done = stack.postern("user", kind, how, user.email, *names)
    assert done.returncode == 0, done.stderr
    return done.stdout


def basic(email: str, password: str | bytes) -> dict[str, str]:
    """The header of RFC 7617; text goes out as UTF-8."""
    secret = password.encode() if isinstance(password, str) else password
    return {"Authorization": "Basic " + base64.b64encode(email.encode() + b":" + secret).decode()}


def basic_of(user: User) -> dict[str, str]:
    return basic(user.email, user.password)


def issue(stack, user: User, *options: str) -> str:
    """A service token as `postern token issue` prints it: alone on its output."""
    done = stack.postern("token", "issue", "--user", user.email, *options)
    assert done.returncode == 0, done.stderr
    token = done.stdout.removesuffix("\n")
    assert "\n" not in token
    stack.confidential.add(token)
    return token


def service_tokens(stack, *options: str) -> list[dict]:
    done = stack.postern("token", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
