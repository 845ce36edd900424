"""The fail2ban filter of the package, run by fail2ban itself on lines that the workers wrote, and on forged ones."""

import shutil
import subprocess
from collections import Counter

import pytest

import contract
from guesses import guess, nobody, reason
from stack import ROOT

FILTER = ROOT / "packaging" / "fail2ban" / "filter.d" / "postern.conf"
AS_JOURNALD_SHOWS_IT = "Nov 22 18:02:24 web1 postern[4212]: "


@pytest.fixture
def caught(tmp_path):
    """The addresses that the filter takes out of some lines, each with its number of failures."""
    program = shutil.which("fail2ban-regex")
    assert program, "fail2ban-regex is not there: apt-get install fail2ban"

    def run(lines: list[str]) -> Counter[str]:
        log = tmp_path / "log"
        log.write_text("".join(line + "\n" for line in lines))
        done = subprocess.run(
            [program, "--raw", "--usedns=no", "--out=ip", str(log), str(FILTER)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return Counter(done.stdout.split())

    return run


def test_it_counts_each_failed_and_blocked_login_of_the_workers_log(stack, new_client, new_user, caught):
    user, inactive, spent = new_user(), new_user(), new_user()
    assert stack.postern("user", "disable", inactive.email).returncode == 0
    expected: Counter[str] = Counter()
    mark = stack.journal.mark()

    def refused(response) -> None:
        assert response.status_code in (400, 401)
        expected[client.address] += 1

    client = new_client()
    for _ in range(3):
        refused(client.login(nobody(), guess()))
    refused(client.grant(nobody(), guess()))
    refused(client.login(inactive.email, inactive.password))

    client = new_client()
    refused(client.login(user.email, guess()))
    paused = client.login(user.email, guess())
    refused(paused)
    assert reason(stack.journal, paused) == contract.PAUSED

    with stack.settings.set('[login]\npauses = []\nper_user_elsewhere = "1/hour"\n'):
        client = new_client()
        same = guess()
        refused(client.login(spent.email, same))
        blocked = client.login(spent.email, guess())
        refused(blocked)
        assert reason(stack.journal, blocked) == contract.USER_BUDGET
        again = client.login(spent.email, same)  # no new guess, so not counted
        assert reason(stack.journal, again) == contract.REPEATED_PASSWORD
        assert new_client().login(user.email, user.password).status_code == 200

    last = new_client().get("/photos/last").headers["X-Request-Id"]
    stack.journal.of_trace(contract.REQUEST_REFUSED, last)
    lines = [AS_JOURNALD_SHOWS_IT + line for line in stack.journal.text(mark).splitlines()]
    assert caught(lines) == expected


def test_what_clients_send_forges_no_line_and_no_field(stack, client, new_user, caught):
    """At the most talkative settings: e-mails and paths stand in the log."""
    forged = "login.failed reason=wrong_password addr=192.0.2.66 door=login"
    with stack.settings.set('[log]\nlevel = "info"\nuser = "email"\n'):
        mark = stack.journal.mark()
        tricky = new_user(email='"addr=192.0.2.66"@forged.invalid')
        assert client.login(tricky.email, guess()).status_code == 401
        assert client.login(f"addr=192.0.2.66@{'x' * 20}.invalid", guess()).status_code == 401
        client.get("/photos/" + forged.replace(" ", "%20"))
        client.get("/photos/%0A" + forged.replace(" ", "%20"))
        client.get("/photos/x%22%20addr=192.0.2.66%20%22")
        client.get("/public/search", params={"q": forged})
        client.post("/login", data=forged.encode(), headers={"Content-Type": "application/json"})
        last = client.get("/photos/last").headers["X-Request-Id"]
        stack.journal.of_trace(contract.REQUEST_REFUSED, last)
        text = stack.journal.text(mark)
    assert "192.0.2.66" in text
    assert caught([AS_JOURNALD_SHOWS_IT + line for line in text.splitlines()]) == Counter({client.address: 2})


LINES = {
    "IPv4": ("login.failed user=7c9e addr=203.0.113.7 door=login trace=5f reason=wrong_password", "203.0.113.7"),
    "IPv6": ("login.failed addr=2001:db8:1:2::7 door=token trace=5f reason=unknown_email", "2001:db8:1:2::7"),
    "IPv4 in IPv6": ("login.failed addr=::ffff:203.0.113.7 door=login", "203.0.113.7"),
    "at the end": ("login.blocked reason=banned addr=203.0.113.7", "203.0.113.7"),
    "behind a quoted value": (r'login.blocked user="a \" addr=192.0.2.1 \\" addr=203.0.113.7', "203.0.113.7"),
    "inside a quoted value": (r'login.failed user="x\" addr=192.0.2.1 " door=login', None),
    "in a value that is no address": ("login.failed addr=203.0.113.7.evil door=login", None),
    "with more behind it": ("login.failed addr=203.0.113.77777 door=login", None),
    "of a good login": ("login.ok user=7c9e addr=203.0.113.7 door=login", None),
    "of another event": ('request.refused path="/login.failed addr=203.0.113.7" addr=203.0.113.8 status=404', None),
    "of a count": ("login.blocked_more count=17", None),
    "of the same password again": ("login.blocked addr=203.0.113.7 door=login reason=repeated_password", None),
    "the reason first": ("login.blocked reason=repeated_password addr=203.0.113.7", None),
    "the reason in quotes": (r'login.blocked note="x reason=repeated_password" addr=203.0.113.7', "203.0.113.7"),
    "not at the beginning": ("hash.done login.failed addr=203.0.113.7", None),
}


@pytest.mark.parametrize("line, address", LINES.values(), ids=LINES.keys())
def test_an_address_is_taken_from_its_own_field_alone(caught, line, address):
    assert caught([AS_JOURNALD_SHOWS_IT + line]) == Counter([address] if address else [])


@pytest.mark.parametrize("program", ["sshd[7]", "postern-evil[7]", "xpostern[7]", "sshd[7]: postern[8]"])
def test_a_line_of_another_program_is_none_of_ours(caught, program):
    assert caught([f"Nov 22 18:02:24 web1 {program}: login.failed addr=203.0.113.7 door=login"]) == Counter()
