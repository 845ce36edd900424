"""postern token check: tokens from standard input, one a line."""

import json
import time

import pytest

import contract
import tokens

# RFC 7515 appendix A.1: the key is printed in the RFC, so it is fit for a test and for nothing else.
RFC_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"


@pytest.fixture
def rfc_keys(tmp_path):
    file = tmp_path / "rfc7515.jwks"
    file.write_text(json.dumps({"keys": [{"kty": "oct", "alg": "HS256", "k": RFC_KEY}]}))
    file.chmod(0o600)
    return str(file)


def check(stack, *words: str, lines: list[str], with_config: bool = True):
    done = stack.postern(
        "token", "check", *words, input="".join(line + "\n" for line in lines), with_config=with_config
    )
    return done.returncode, done.stdout, done.stderr


def test_a_good_token_is_valid_with_its_claims(stack, user, token):
    code, output, _ = check(stack, lines=[token])
    assert code == 0
    assert output.startswith("valid") and user.email in output and user.id in output


def test_one_refused_token_among_good_ones_makes_the_exit_code_1(stack, user, token):
    expired = tokens.token_for(stack, user, iat=int(time.time()) - 7200, exp=int(time.time()) - 3600)
    code, output, _ = check(stack, lines=[token, expired, token])
    assert code == 1
    verdicts = [line for line in output.splitlines() if line.startswith(("valid", "refused"))]
    assert [verdict.split()[0] for verdict in verdicts] == ["valid", "refused", "valid"]
    assert contract.EXPIRED in verdicts[1]


def test_json_has_an_entry_for_each_token(stack, user, token):
    code, output, _ = check(stack, "--json", lines=[token, "not.a.token"])
    assert code == 1
    first, second = json.loads(output)
    assert first["valid"] is True and first["claims"]["client_id"] == user.id
    assert second["valid"] is False and second["reason"]


def test_keys_alone_need_no_settings_and_no_database(stack, token):
    keys = ("--keys", str(stack.key_file), "--signature-only")
    with stack.database.stopped():
        assert check(stack, *keys, lines=[token], with_config=False)[0] == 0
    assert check(stack, *keys, lines=[token[:-2] + "AA"], with_config=False)[0] == 1


def test_the_example_of_rfc_7515_has_a_right_signature_and_a_warning_for_its_key(stack, rfc_keys):
    code, output, errors = check(stack, "--keys", rfc_keys, "--signature-only", lines=[RFC_TOKEN], with_config=False)
    assert code == 0 and output.startswith("valid")
    assert "warning" in errors.lower()


def test_without_signature_only_the_claims_of_that_example_are_refused(stack, rfc_keys):
    assert check(stack, "--keys", rfc_keys, lines=[RFC_TOKEN], with_config=False)[0] == 1


def test_a_token_is_never_an_argument(stack, token):
    assert stack.postern("token", "check", token).returncode == 2


def test_a_changed_signature_is_refused(stack, token):
    code, output, _ = check(stack, lines=[token[:-4] + "AAAA"])
    assert code == 1 and output.startswith("refused")


def test_no_token_at_all_is_no_success_by_accident(stack):
    assert check(stack, lines=[])[0] == 2
