"""After all other tests: no password, token or key in any log, argument or environment."""

from pathlib import Path

import pytest

import tokens

pytestmark = pytest.mark.last


def secrets_of(stack) -> set[bytes]:
    key, peer = stack.key, stack.peer_secret
    texts = stack.confidential | {
        peer,
        stack.environment["POSTERN_PASSWORD"],
        tokens.base64url(key),
        key.decode("latin-1"),
        key.hex(),
    }
    # A token is also looked for by its signature, in case a line cuts it.
    texts |= {text.rsplit(".", 1)[1] for text in texts if text.count(".") == 2}
    return {text.encode("utf-8") for text in texts if len(text) >= 12}


def assert_none_in(content: bytes, secrets: set[bytes], where: str) -> None:
    assert not [secret for secret in secrets if secret in content], f"a secret is in {where}"


def test_no_secret_is_in_a_log(stack):
    secrets = secrets_of(stack)
    assert len(secrets) > 100  # the other tests ran
    logs = [stack.journal.path, *(stack.run / "nginx").rglob("*.log")]
    assert len(logs) >= 2
    for log in logs:
        assert_none_in(log.read_bytes(), secrets, str(log))


def test_no_secret_is_in_the_arguments_or_the_environment_of_a_worker(stack):
    for pid in [*stack.workers.pids(), stack.workers.launcher()]:
        for name in ("cmdline", "environ"):
            assert_none_in(Path(f"/proc/{pid}/{name}").read_bytes(), secrets_of(stack), f"/proc/{pid}/{name}")


def test_no_email_is_in_the_log_of_the_workers(stack):
    assert "@example.test" not in stack.journal.text()


def test_no_defect_of_the_gate_was_counted(stack):
    assert "gate.defect" not in stack.journal.text()
