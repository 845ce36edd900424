"""postern key: generate and list."""

import base64
import json
import stat

import pytest

import tokens


@pytest.fixture
def config(stack, tmp_path):
    """The run's settings with a key file of this test, which does not exist yet."""
    text = stack.config.read_text().replace(str(stack.key_file), str(tmp_path / "keys.jwks"))
    assert str(tmp_path) in text
    copy = tmp_path / "postern.toml"
    copy.write_text(text)
    copy.chmod(0o600)
    return copy


def test_generate_writes_a_key_set_that_only_its_group_may_read(stack, config, tmp_path):
    done = stack.postern("key", "generate", config=config)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "keys.jwks"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    [key] = json.loads(file.read_text())["keys"]
    assert key["kty"] == "oct" and key["alg"] == "HS256" and key["kid"]
    assert len(base64.urlsafe_b64decode(key["k"] + "==")) >= 32
    assert key["k"] not in done.stdout + done.stderr


def test_generate_does_not_write_over_a_key(stack, config, tmp_path):
    assert stack.postern("key", "generate", config=config).returncode == 0
    before = (tmp_path / "keys.jwks").read_bytes()
    done = stack.postern("key", "generate", config=config)
    assert done.returncode == 1
    assert "keys.jwks" in done.stderr
    assert (tmp_path / "keys.jwks").read_bytes() == before


def test_list_names_the_key_and_not_the_secret(stack):
    done = stack.postern("key", "list", "--json")
    assert done.returncode == 0, done.stderr
    [key] = json.loads(done.stdout)
    assert key["kid"] == tokens.thumbprint(stack.key)
    table = stack.postern("key", "list")
    assert table.returncode == 0
    assert key["kid"] in table.stdout
    for text in (done.stdout, table.stdout):
        assert stack.key.decode("latin-1") not in text
        assert tokens.base64url(stack.key) not in text


@pytest.mark.parametrize(
    "content, mode, cure",
    [(b"x" * 48, 0o644, "chmod 0640"), (b"short", 0o640, "postern key generate"), (b"", 0o640, "")],
)
def test_list_says_what_is_wrong_with_a_file_and_the_cure(stack, config, tmp_path, content, mode, cure):
    file = tmp_path / "keys.jwks"
    file.write_bytes(content)
    file.chmod(mode)
    done = stack.postern("key", "list", config=config)
    assert done.returncode == 1
    assert str(file) in done.stderr and cure in done.stderr
