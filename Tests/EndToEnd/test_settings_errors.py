"""Settings that are not usable: named by file, line, key and reason, exit code 78, and never taken."""

import pytest

UNUSABLE = 78

MISTAKES = {
    "an unknown key": ('[database]\npasword_file = "x"\n', 2, "database.pasword_file", "password_file"),
    "an unknown section": ('[databse]\nname = "x"\n', 1, "databse", "database"),
    "an unknown unit": ('[limits]\nlogin = { rate = "20/minite", per = "address" }\n', 2, "limits.login", "minite"),
    "a rate of nothing": ('[limits]\nlogin = { rate = "0/minute", per = "address" }\n', 2, "limits.login", ""),
    "a rate by nobody": ('[limits]\nlogin = { rate = "20/minute", per = "moon" }\n', 2, "limits.login", "moon"),
    "a text for a number": ('[passwords]\nmin_length = "long"\n', 2, "passwords.min_length", ""),
    "a cost out of range": ("[passwords]\nbcrypt_cost = 31\n", 2, "passwords.bcrypt_cost", ""),
    "a time without unit": ('[tokens]\naccess_life = "30"\n', 2, "tokens.access_life", ""),
    "an unknown level": ('[log]\nlevel = "loud"\n', 2, "log.level", "notice"),
    "a network that is none": ('[monitor]\nallow = ["localhost"]\n', 2, "monitor.allow", "localhost"),
    "an origin with a path": ('[site]\ncors_origins = ["https://a.example/x"]\n', 2, "site.cors_origins", ""),
    "a unit that is cut short": ('[login]\nper_network = "50/hrs"\n', 2, "login.per_network", "hrs"),
    "a rate without a window": ('[limits]\napi = "20"\n', 2, "limits.api", ""),
    "too large a number": ('[limits]\napi = "1000001/hour"\n', 2, "limits.api", "1000000"),
    "too long a window": ('[limits]\napi = "5/31day"\n', 2, "limits.api", ""),
    "one bad rate of two": ('[limits]\nsearch = "5/10s; 20/minite"\n', 2, "limits.search", "minite"),
    "a limit's name that is none": ('[limits]\nDown-Loads = "5/10s"\n', 2, "limits.Down-Loads", ""),
    "an unknown key of a limit": (
        '[limits]\nsearch = { rate = "5/10s", per = "address", dryrun = true }\n',
        2,
        "limits.search",
        "dry_run",
    ),
    "a limit without its rate": ('[limits]\ndownloads = { per = "user" }\n', 2, "limits.downloads", "rate"),
    "a parameter that clients set": (
        '[limits]\ntenants = { rate = "5/10s", per = "parameter:HTTP_X_TENANT" }\n',
        2,
        "limits.tenants",
        "client",
    ),
    "neither open nor closed": (
        '[limits]\nsearch = { rate = "5/10s", per = "address", when_away = "ajar" }\n',
        2,
        "limits.search",
        "ajar",
    ),
    "an exempt network that is none": (
        '[limits]\nsearch = { rate = "5/10s", per = "address", exempt = ["10.0.0.0/33"] }\n',
        2,
        "limits.search",
        "10.0.0.0/33",
    ),
    "pauses that shrink": ('[login]\npauses = ["4s", "2s"]\n', 2, "login.pauses", ""),
    "a pause above five minutes": ('[login]\npauses = ["6m"]\n', 2, "login.pauses", "5m"),
    "too many pauses": (f"[login]\npauses = {[f'{n}s' for n in range(1, 10)]}\n", 2, "login.pauses", "8"),
    "a ban without unit": ('[login]\nban = "1"\n', 2, "login.ban", ""),
    "an exempt name": ('[login]\nexempt = ["office.example"]\n', 2, "login.exempt", "office.example"),
    "logins neither open nor closed": ('[login]\nwhen_away = "ajar"\n', 2, "login.when_away", "ajar"),
    "a line that is no TOML": ("[site]\nissuer = \n", 2, "", ""),
}


@pytest.fixture
def check(stack, tmp_path):
    """`posternd --check` on the run's settings with one more file in conf.d."""

    def run(extra: str):
        config = tmp_path / "postern.toml"
        config.write_text(stack.config.read_text())
        folder = tmp_path / "conf.d"
        folder.mkdir()
        (folder / "50-test.toml").write_text(extra)
        for file in (config, folder / "50-test.toml"):
            file.chmod(0o600)
        return stack.posternd("--check", "--config", str(config))

    return run


def test_good_settings_pass(check):
    done = check('[tokens]\naccess_life = "15m"\n')
    assert done.returncode == 0, done.stderr


def test_a_database_that_is_away_is_no_fault_of_the_settings(check, tmp_path):
    done = check(f'[database]\nsocket = "{tmp_path}/nobody-listens.sock"\n')
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text, line, key, word", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_file_line_key_and_reason(check, text, line, key, word):
    done = check(text)
    assert done.returncode == UNUSABLE
    assert f"50-test.toml:{line}:" in done.stderr
    assert key in done.stderr and word in done.stderr


@pytest.mark.parametrize(
    "text", ['[service]\npeer_secret_file = "/nonexistent/file"\n', '[keys]\nfile = "/nonexistent/file"\n']
)
def test_a_secret_that_is_missing_is_named_with_its_cure(check, text):
    done = check(text)
    assert done.returncode == UNUSABLE
    assert "/nonexistent/file" in done.stderr and "Cure: " in done.stderr


def test_a_missing_issuer_is_named(stack, tmp_path):
    config = tmp_path / "postern.toml"
    config.write_text('[database]\nname = "postern"\n')
    config.chmod(0o600)
    done = stack.posternd("--check", "--config", str(config))
    assert done.returncode == UNUSABLE
    assert "site.issuer" in done.stderr


def test_a_missing_file_is_named(stack, tmp_path):
    done = stack.posternd("--check", "--config", str(tmp_path / "missing.toml"))
    assert done.returncode == UNUSABLE
    assert "missing.toml" in done.stderr


def test_unusable_settings_do_not_start(stack, tmp_path):
    config = tmp_path / "postern.toml"
    config.write_text("[site]\nissuer = 1\n")
    config.chmod(0o600)
    assert stack.posternd("--config", str(config)).returncode == UNUSABLE


def test_a_reload_of_unusable_settings_keeps_the_old_ones(stack, client, user):
    with stack.settings.refused('[limits]\nlogin = { rate = "20/minite", per = "address" }\n') as reason:
        assert "minite" in reason and "90-test.toml:2" in reason
        assert client.login(user.email, user.password).status_code == 200


def test_version_is_printed(stack):
    done = stack.posternd("--version")
    assert done.returncode == 0 and done.stdout.strip()


def test_started_by_hand_without_a_socket_it_says_how_to_start_it(stack, tmp_path):
    config = tmp_path / "postern.toml"
    lines = [
        line
        for line in stack.config.read_text().splitlines()
        if not line.replace(" ", "").startswith("socket=") or "mariadb" in line
    ]
    config.write_text("\n".join(lines) + "\n")
    config.chmod(0o600)
    done = stack.posternd("--config", str(config))
    assert done.returncode == 2
    assert "systemctl start postern" in done.stderr and "service.socket" in done.stderr
