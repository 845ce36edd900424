"""Users of one test, made by the sysadmin's command."""

import itertools
import secrets
from dataclasses import dataclass

from stack import Stack

_numbers = itertools.count(1)


@dataclass(frozen=True)
class User:
    id: str
    email: str
    name: str
    password: str


def add_user(stack: Stack, password: str | None = None, email: str | None = None) -> User:
    number = next(_numbers)
    email = email or f"user{number}@example.test"
    name = f"User {number}"
    password = password or secrets.token_urlsafe(18)
    stack.confidential.add(password)
    done = stack.postern("user", "add", "--email", email, "--name", name, "--password-stdin", input=password + "\n")
    assert done.returncode == 0, done.stderr
    [[identifier]] = stack.database.sql(f"SELECT id FROM users WHERE email = '{email}'")
    return User(identifier, email, name, password)
