"""Postern's package under systemd: one story in the order in which a sysadmin lives it. Runs inside the container.

Each function whose name starts with `test_` is one test; they run from top to bottom, and later ones stand on what
earlier ones did (installed, set up, started).
"""

import contextlib
import glob
import os
import re
import sys
import traceback
from collections.abc import Iterator

from machine import (
    EMAIL, GROUP, PASSWORD, SOCKET, WORKERS, Load, do, journal, login, main_process, read, request, run, show, states,
    token, wait_until, write,
)

PACKAGE = "/mnt/postern.deb"
SETTINGS = "/etc/postern/postern.toml"
UNITS = [SOCKET, GROUP, *WORKERS]
SECRETS = ["/etc/postern/keys.jwks", "/etc/postern/peer.secret", "/etc/nginx/postern-peer.conf"]
HIGH_LIMITS = """[limits]
login = { rate = "10000/second", per = "address" }
api = { rate = "10000/second", per = "user" }
"""


def mode(path: str) -> str:
    return do("stat", "--format=%a %U:%G", path).strip()


def test_installing_starts_and_enables_nothing_and_names_the_next_step() -> None:
    said = do("dpkg", "--install", PACKAGE)
    assert "postern setup" in said, said
    for unit in UNITS:
        assert run("systemctl", "is-enabled", unit).stdout.strip() == "disabled", unit
    assert states(*UNITS) == ["inactive"] * 4
    assert run("pgrep", "--uid", "_postern").stdout == ""


def test_installing_makes_the_user_and_its_folders() -> None:
    assert do("getent", "passwd", "_postern").strip().endswith(":/nonexistent:/usr/sbin/nologin")
    assert mode("/run/postern") == "1775 root:_postern"
    assert mode("/etc/postern") == "750 root:_postern"


def test_the_programs_tell_the_version_of_the_package() -> None:
    version = do("dpkg-query", "--show", "--showformat=${Version}", "postern")
    assert do("/usr/sbin/posternd", "--version").split()[-1] == version
    assert do("/usr/bin/postern", "--version").split()[-1] == version


def test_systemd_finds_no_fault_in_the_units() -> None:
    for unit in UNITS:
        said = do("systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", f"/usr/lib/systemd/system/{template(unit)}")
        assert said.strip() == "", said


def test_the_sandbox_of_workers_and_check_is_tight() -> None:
    for unit in [GROUP, WORKERS[0]]:
        do("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15",
           f"/usr/lib/systemd/system/{template(unit)}")


def template(unit: str) -> str:
    return re.sub(r"@\d", "@", unit)


def test_the_lines_that_are_commented_out_in_the_settings_show_the_defaults() -> None:
    # With every line in force, only what has no default may differ from the defaults.
    text = re.sub(r"(?m)^#(\w+ = )", r"\1", read(SETTINGS)).replace('issuer = ""', 'issuer = "https://a.example"')
    os.mkdir("/tmp/all")
    write("/tmp/all/postern.toml", text)
    changed = [line for line in do("postern", "config", "--config", "/tmp/all/postern.toml").splitlines() if " = " in line]
    assert len(changed) == 1 and "https://a.example" in changed[0], changed


def wait_until_all_run() -> None:
    wait_until("socket, group and workers run", lambda: states(*UNITS) == ["active"] * 4)


def test_without_settings_the_start_fails_and_says_why() -> None:
    started = run("systemctl", "start", GROUP)
    assert started.returncode != 0
    assert states(GROUP) == ["failed"]
    assert show(GROUP, "ExecMainStatus") == ["78"]
    said = journal("-t", "postern")
    assert SETTINGS in said and "issuer" in said, said
    assert states(*WORKERS) == ["inactive"] * 2
    do("systemctl", "stop", SOCKET, GROUP)
    do("systemctl", "reset-failed", GROUP)


def test_setup_prepares_key_database_and_first_user_and_enables_nothing() -> None:
    do("systemctl", "start", "mariadb.service")
    do(*SETUP, stdin=PASSWORD + "\n")
    assert mode("/etc/postern/keys.jwks") == "640 root:_postern"
    assert mode("/etc/postern/peer.secret") == "640 root:_postern"
    assert mode("/etc/nginx/postern-peer.conf") == "600 root:root"
    assert 'issuer = "https://login.example.test"' in read(SETTINGS)
    assert EMAIL in do("postern", "user", "list")
    for unit in UNITS:
        assert run("systemctl", "is-enabled", unit).stdout.strip() == "disabled", unit


SETUP = ["postern", "setup", "--non-interactive", "--issuer", "https://login.example.test", "--email", EMAIL,
         "--name", "Anna Example", "--password-stdin"]


def test_setup_can_be_repeated_and_keeps_the_secrets() -> None:
    before = [read(path) for path in SECRETS]
    do(*SETUP, stdin=PASSWORD + "\n")
    assert [read(path) for path in SECRETS] == before


def test_the_database_user_may_read_and_write_rows_and_nothing_else() -> None:
    grants = do("mariadb", "--batch", "--skip-column-names", "--execute", "SHOW GRANTS FOR '_postern'@'localhost'")
    rights = set(re.findall(r"GRANT (.*?) ON", grants))
    words = {word.strip() for right in rights for word in right.split(",")}
    assert words == {"USAGE", "SELECT", "INSERT", "UPDATE", "DELETE"}, grants
    assert "unix_socket" in grants, grants


def test_enabling_and_starting_the_group_brings_socket_and_two_workers() -> None:
    do("systemctl", "enable", "--now", "postern")
    wait_until_all_run()
    assert [run("systemctl", "is-enabled", unit).stdout.strip() for unit in UNITS] == ["enabled"] * 4
    assert mode("/run/postern/postern.sock") == "660 root:www-data"
    assert mode("/run/postern/rates") == "600 _postern:_postern"
    for worker in WORKERS:
        user, status = show(worker, "User", "StatusText")
        assert user == "_postern" and status
    assert journal("-t", "postern").count("worker.ready") == 2


def test_a_login_works_through_nginx() -> None:
    do("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2",
       "-subj", "/CN=api.example.test", "-keyout", "/etc/ssl/private/api.key", "-out", "/etc/ssl/certs/api.crt")
    site = read("/mnt/api.conf").replace("api.example.com", "api.example.test")
    site = site.replace("/etc/letsencrypt/live/api.example.test/fullchain.pem", "/etc/ssl/certs/api.crt")
    site = site.replace("/etc/letsencrypt/live/api.example.test/privkey.pem", "/etc/ssl/private/api.key")
    write("/etc/nginx/sites-enabled/api.conf", site)
    do("nginx", "-t")
    do("systemctl", "start", "nginx.service")
    status, user = request("GET", "/me", token=token())
    assert (status, user["email"]) == (200, EMAIL), (status, user)


def test_a_program_that_is_not_nginx_is_refused_at_the_socket() -> None:
    # All that PHP as www-data could send too: everything but the secret.
    os.rename("/etc/nginx/postern-peer.conf", "/etc/nginx/postern-peer.away")
    do("systemctl", "reload", "nginx.service")
    try:
        wait_until("nginx sends no secret", lambda: request("GET", "/healthz")[0] == 403)
        assert login()[0] == 403
    finally:
        os.rename("/etc/nginx/postern-peer.away", "/etc/nginx/postern-peer.conf")
        do("systemctl", "reload", "nginx.service")
    wait_until("nginx sends the secret again", lambda: request("GET", "/healthz")[0] == 200)


def test_no_secret_stands_in_journal_arguments_or_environment() -> None:
    login()
    login("wrong password " + "x" * 10)
    peer = read("/etc/postern/peer.secret").strip()
    keys = re.findall(r'"k"\s*:\s*"([^"]+)"', read("/etc/postern/keys.jwks"))
    assert keys and peer
    places = journal("--all")
    for process in map(main_process, WORKERS):
        places += read(f"/proc/{process}/cmdline") + read(f"/proc/{process}/environ")
    for secret in [peer, *keys, PASSWORD, "wrong password", EMAIL]:
        assert secret not in places, "a secret, or the e-mail, was found"


def test_killing_a_worker_loses_nothing_that_comes_after() -> None:
    killed = main_process(WORKERS[0])
    os.kill(killed, 9)
    answers = [request("GET", "/healthz")[0] for _ in range(100)] + [request("POST", "/me", "{}")[0] for _ in range(100)]
    assert set(answers[:100]) == {200} and set(answers[100:]) <= {401, 405}, answers
    wait_until("the worker is back", lambda: main_process(WORKERS[0]) not in [0, killed])
    wait_until("it is ready", lambda: states(WORKERS[0]) == ["active"])
    assert show(WORKERS[0], "NRestarts") == ["1"]


def test_a_worker_that_hangs_is_replaced_by_the_watchdog() -> None:
    folder = f"/run/systemd/system/{WORKERS[1]}.d"
    os.makedirs(folder)
    write(f"{folder}/quick.conf", "[Service]\nWatchdogSec=1s\n")
    do("systemctl", "daemon-reload")
    do("systemctl", "restart", WORKERS[1])
    hung = main_process(WORKERS[1])
    os.kill(hung, 19)
    wait_until("it is replaced", lambda: main_process(WORKERS[1]) not in [0, hung])
    wait_until("it is ready", lambda: states(WORKERS[1]) == ["active"])
    assert show(WORKERS[1], "NRestarts") == ["1"]
    os.remove(f"{folder}/quick.conf")
    do("systemctl", "daemon-reload")
    do("systemctl", "restart", WORKERS[1])


def test_counts_survive_a_restart() -> None:
    source = "127.0.0.21"
    assert [login("a wrong password", source)[0] for _ in range(20)] == [401] * 20
    do("systemctl", "restart", "postern")
    assert login("a wrong password", source)[0] == 429


def test_a_reload_takes_new_settings_without_a_new_process() -> None:
    before = [main_process(worker) for worker in WORKERS]
    write("/etc/postern/conf.d/10-test.toml", HIGH_LIMITS)
    os.chmod("/etc/postern/conf.d/10-test.toml", 0o644)
    do("systemctl", "reload", "postern")
    good = token()
    wait_until("30 requests of one user pass", lambda: {request("GET", "/me", token=good)[0] for _ in range(30)} == {200})
    assert [main_process(worker) for worker in WORKERS] == before


def test_a_failing_reload_is_visible_and_keeps_the_old_settings() -> None:
    before = [main_process(worker) for worker in WORKERS]
    good = token()
    with bad_settings():
        reloaded = run("systemctl", "reload", "postern")
        assert reloaded.returncode != 0
        wait_until("the journal names file and line", lambda: f"{BAD}:2" in journal("-t", "postern"))
        wait_until_all_run()
        assert [main_process(worker) for worker in WORKERS] == before
        assert {request("GET", "/me", token=good)[0] for _ in range(30)} == {200}
    do("systemctl", "reload", "postern")


BAD = "/etc/postern/conf.d/99-bad.toml"


@contextlib.contextmanager
def bad_settings() -> Iterator[None]:
    write(BAD, '[limits]\nlogin = { rate = "20/minite", per = "address" }\n')
    os.chmod(BAD, 0o644)
    try:
        yield
    finally:
        os.remove(BAD)


def test_a_worker_that_meets_unusable_settings_ends_once_and_the_other_serves_on() -> None:
    with bad_settings():
        os.kill(main_process(WORKERS[0]), 9)
        wait_until("the worker has given up", lambda: states(WORKERS[0]) == ["failed"])
        assert show(WORKERS[0], "ExecMainStatus") == ["78"]
        assert [request("GET", "/healthz")[0] for _ in range(20)] == [200] * 20
    do("systemctl", "start", "postern")
    wait_until_all_run()


def test_a_restart_under_load_loses_nothing() -> None:
    before = [main_process(worker) for worker in WORKERS]
    with Load() as load:
        for _ in range(3):
            do("systemctl", "restart", "postern")
            load.wait_for_more(200)
    assert not load.lost(), load.answers
    wait_until_all_run()
    assert not set(before) & {main_process(worker) for worker in WORKERS}


def test_an_upgrade_under_load_loses_nothing_and_runs_the_new_program() -> None:
    before = [main_process(worker) for worker in WORKERS]
    with Load() as load:
        do("dpkg", "--install", PACKAGE)
        load.wait_for_more(50)
    assert not load.lost(), load.answers
    wait_until_all_run()
    assert not set(before) & {main_process(worker) for worker in WORKERS}


def test_an_upgrade_with_settings_it_refuses_leaves_the_workers_running() -> None:
    before = [main_process(worker) for worker in WORKERS]
    with bad_settings():
        said = do("dpkg", "--install", PACKAGE)
    assert "Cure" in said, said
    assert [main_process(worker) for worker in WORKERS] == before


def test_a_stop_of_socket_and_group_under_load_drains_and_stays() -> None:
    with Load() as load:
        do("systemctl", "stop", SOCKET, GROUP)
        before = load.answers.total()
        wait_until("requests came after the stop", lambda: load.answers.total() > before + 100)
        assert states(*UNITS) == ["inactive"] * 4
    # While it stops, and after, nginx says 503; nobody is left without an answer.
    assert {status for _, status in load.lost()} == {503}, load.answers
    for worker in WORKERS:
        assert show(worker, "Result", "ExecMainStatus") == ["success", "0"]
    status, problem = request("GET", "/healthz")
    assert (status, problem["code"]) == (503, "unavailable")
    assert states(*UNITS) == ["inactive"] * 4


def test_a_start_of_the_group_brings_all_back() -> None:
    do("systemctl", "start", "postern")
    wait_until_all_run()
    assert login()[0] == 200


def test_a_request_starts_a_group_that_was_stopped_without_its_socket() -> None:
    do("systemctl", "stop", "postern")
    assert states(SOCKET) == ["active"]
    assert request("GET", "/healthz")[0] == 200
    wait_until_all_run()


def test_after_a_start_with_bad_settings_the_cure_is_to_mend_them_and_start() -> None:
    with bad_settings():
        assert run("systemctl", "restart", "postern").returncode != 0
        # Requests start the group in vain until systemd closes the socket; from then on nginx answers at once.
        wait_until("the socket is closed", lambda: knock() and states(SOCKET) == ["failed"])
        assert request("GET", "/healthz")[0] == 503
    do("systemctl", "start", "postern")
    wait_until_all_run()
    assert login()[0] == 200


def knock() -> bool:
    run("curl", "--silent", "--insecure", "--max-time", "0.1", "https://127.0.0.1/healthz")
    return True


def test_a_third_worker_needs_one_command() -> None:
    do("systemctl", "enable", "--now", "postern-worker@3")
    wait_until("it runs", lambda: states("postern-worker@3.service") == ["active"])
    before = main_process("postern-worker@3.service")
    do("systemctl", "restart", "postern")
    wait_until("it was restarted", lambda: main_process("postern-worker@3.service") not in [0, before])


def test_no_worker_left_a_core_dump() -> None:
    assert glob.glob("/core*") == [] and glob.glob("/var/lib/systemd/coredump/*") == []


def test_removal_stops_all_and_keeps_settings_and_secrets() -> None:
    do("dpkg", "--remove", "postern")
    assert run("pgrep", "--uid", "_postern").stdout == ""
    assert not os.path.exists("/run/postern/postern.sock")
    assert glob.glob("/etc/systemd/system/*/postern*") == []
    assert all(os.path.exists(path) for path in [SETTINGS, *SECRETS])
    do("nginx", "-t")


def test_purge_removes_what_is_ours_and_nothing_else() -> None:
    os.remove("/etc/nginx/sites-enabled/api.conf")
    do("dpkg", "--purge", "postern")
    assert os.listdir("/etc/postern") == ["conf.d"]
    assert os.listdir("/etc/postern/conf.d") == ["10-test.toml"]
    assert not os.path.exists("/etc/nginx/postern-peer.conf")
    do("nginx", "-t")
    assert EMAIL in do("mariadb", "--execute", "SELECT email FROM postern.users")


def main() -> int:
    tests = [function for name, function in globals().items() if name.startswith("test_")]
    failed = 0
    for test in tests:
        name = test.__name__.removeprefix("test_").replace("_", " ")
        try:
            test()
            print(f"ok      {name}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
    if failed:
        print("--- the journal's last lines", journal("--lines=60"), sep="\n")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
