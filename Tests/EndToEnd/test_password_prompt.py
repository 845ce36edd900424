"""A password typed on a terminal: never shown, and the terminal is as it was, however the prompt ends."""

import secrets
import signal

import pytest

from stack import PROGRAMS
from terminal import Terminal

PASSWORD = "a passphrase typed by hand"
CTRL_C, CTRL_BACKSLASH, CTRL_Z = b"\x03", b"\x1c", b"\x1a"


@pytest.fixture
def email() -> str:
    return f"typed-{secrets.token_hex(6)}@example.org"


@pytest.fixture
def asked(stack, email):
    """`postern user add` at its prompt."""
    command = [str(PROGRAMS / "postern"), "user", "add", "--email", email, "--name", "Typed"]
    terminal = Terminal(*command, "--config", str(stack.config))
    try:
        terminal.wait_for("Password: ")
        yield terminal
    finally:
        terminal.close()


def is_known(stack, email: str) -> bool:
    return email in stack.postern("user", "list").stdout


def test_a_typed_password_is_not_shown(stack, asked, email):
    assert not asked.has_echo()
    asked.type(PASSWORD.encode() + b"\n")
    asked.wait_for("The same again: ")
    assert not asked.has_echo()
    asked.type(PASSWORD.encode() + b"\n")
    assert asked.process.wait(20) == 0
    asked.wait_for(email)
    assert PASSWORD not in asked.shown
    assert asked.has_echo()
    assert is_known(stack, email)


ENDS = {
    "ctrl-c": (lambda terminal: terminal.type(CTRL_C), signal.SIGINT),
    "ctrl-c in the middle of a password": (lambda terminal: terminal.type(b"a pass" + CTRL_C), signal.SIGINT),
    # Ctrl-D hands over what was typed so far.
    "ctrl-c behind a part that was read": (lambda terminal: terminal.type(b"a pass\x04" + CTRL_C), signal.SIGINT),
    "ctrl-backslash": (lambda terminal: terminal.type(CTRL_BACKSLASH), signal.SIGQUIT),
    "a signal to end": (lambda terminal: terminal.process.terminate(), signal.SIGTERM),
    "a lost terminal": (lambda terminal: terminal.process.send_signal(signal.SIGHUP), signal.SIGHUP),
}


@pytest.mark.parametrize("end, number", ENDS.values(), ids=ENDS.keys())
def test_a_prompt_that_a_signal_ends_leaves_the_echo_on_and_tells_the_signal(stack, asked, email, end, number):
    assert not asked.has_echo()
    end(asked)
    assert asked.process.wait(10) == -number
    assert asked.has_echo()
    assert not is_known(stack, email)


def test_who_goes_on_after_a_stop_is_asked_again(asked, email):
    # Nobody waits for this process group, so the kernel lets it go on at once.
    asked.type(b"half of a pass" + CTRL_Z)
    asked.wait_for("Password: ", count=2)
    assert not asked.has_echo()
    for prompt in ("Password: ", "The same again: "):
        asked.wait_for(prompt)
        asked.type(PASSWORD.encode() + b"\n")
    assert asked.process.wait(20) == 0
