"""First chapter: from an empty machine to a login through nginx, and what must not be seen there."""

import glob
import os
import re
from concurrent.futures import ThreadPoolExecutor

from machine import (
    EMAIL, GROUP, PACKAGE, PASSWORD, SECRETS, SETTINGS, SOCKET, UNITS, WORKERS, do, hashing, journal, login,
    main_process, mode, read, request, run, show, states, token, wait_until, wait_until_all_run, write,
)


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


def test_the_package_brings_the_files_of_nginx_and_nginx_takes_them() -> None:
    conffiles = do("dpkg-query", "--show", "--showformat=${Conffiles}", "postern").split()
    for file in NGINX_FILES:
        assert mode(f"/etc/nginx/{file}") == "644 root:root"
        assert f"/etc/nginx/{file}" in conffiles, file
    assert sorted(os.listdir("/usr/share/doc/postern/examples/nginx")) == NGINX_EXAMPLES
    do("nginx", "-t")
    write("/etc/nginx/sites-enabled/gate.conf", GATE)
    said = do("nginx", "-t")
    assert "warn" not in said, said
    os.remove("/etc/nginx/sites-enabled/gate.conf")


NGINX_FILES = ["conf.d/postern.conf"] + [f"snippets/postern{part}.conf" for part in (
    "", "-params", "-identity-fastcgi", "-identity-proxy")]
NGINX_EXAMPLES = [f"{name}.conf" for name in ("api", "php", "proxy", "site", "websocket", "wordpress")]
GATE = r"""server {
    listen 127.0.0.1:8080;
    include snippets/postern.conf;
    location ^~ /php/ {
        auth_request /postern/auth;
        location ~ \.php$ {
            include snippets/fastcgi-php.conf;
            include snippets/postern-identity-fastcgi.conf;
            fastcgi_pass unix:/run/php/php-fpm.sock;
        }
    }
    location ^~ /app/ {
        auth_request /postern/auth/group=ops;
        include proxy_params;
        include snippets/postern-identity-proxy.conf;
        proxy_pass http://127.0.0.1:3000;
    }
}
"""


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


def test_root_obeys_only_settings_that_nobody_but_root_can_write() -> None:
    file, drop_ins = "/tmp/obeyed/postern.toml", "/tmp/obeyed/conf.d"
    os.makedirs(drop_ins)
    command = ["postern", "user", "list", "--config", file]
    for spoilt, place in [
        (["chmod", "666", file], file),
        (["chown", "_postern", file], file),
        (["chmod", "777", drop_ins], drop_ins),
        (["chmod", "777", "/tmp/obeyed"], "/tmp/obeyed"),
    ]:
        write(file, read(SETTINGS))
        do("chown", "root:root", file)
        do("chmod", "755", drop_ins, "/tmp/obeyed")
        assert EMAIL in do(*command)
        do(*spoilt)
        refused = run(*command)
        assert refused.returncode == 1, (spoilt, refused.stdout)
        assert f"{place}: others than root can write it" in refused.stdout, (spoilt, refused.stdout)
        assert "Cure: chown root and chmod go-w" in refused.stdout and EMAIL not in refused.stdout, refused.stdout


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


def test_passwords_are_hashed_in_processes_with_a_small_share_of_their_own() -> None:
    """The sandbox lets the worker start them, and lets them step back."""
    groups = "/proc/sys/kernel/sched_autogroup_enabled"
    for worker in WORKERS:
        found = hashing(worker)
        assert found, f"{worker} has none"
        for process in found:
            fields = read(f"/proc/{process}/stat").rpartition(")")[2].split()
            policy, niceness, session = fields[41 - 3], fields[19 - 3], fields[6 - 3]
            assert (policy, niceness, session) == ("0", "10", str(process)), fields
            if os.path.exists(groups) and read(groups).strip() == "1":
                assert read(f"/proc/{process}/autogroup").split()[-1] == "10"


def test_threads_that_answer_interrupt_nobody_but_while_a_password_is_hashed() -> None:
    """The sandbox lets them change their policy."""
    batch, ordinary = "3", "0"
    assert answering() == {batch}
    with ThreadPoolExecutor(1) as client:
        logins = client.submit(lambda: [token() for _ in range(3)])
        seen = set()
        while not logins.done():
            seen |= answering()
        logins.result()
    assert seen == {batch, ordinary}, seen
    wait_until("all interrupt nobody again", lambda: answering() == {batch})


def answering() -> set[str]:
    """Policies of the workers' threads that answer requests (proc(5), field 41 of stat)."""
    stats = [read(stat) for worker in WORKERS for stat in glob.glob(f"/proc/{main_process(worker)}/task/*/stat")]
    return {stat.rpartition(")")[2].split()[41 - 3] for stat in stats if re.search(r"\(fast-\d+\)", stat)}


def test_all_workers_are_in_one_slice_and_no_service_is_given_a_share_for_it() -> None:
    """Else a hash of one worker does not give way to the answers of the other, where services have shares."""
    assert {show(worker, "Slice")[0] for worker in WORKERS} == {"system-postern.slice"}
    assert show("system-postern.slice", "CPUWeight", "DisableControllers") == ["[not set]", "cpu"]
    for worker in WORKERS:
        assert show(worker, "CPUWeight") == ["[not set]"], worker


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
    login("wrong password " + "x" * 10, "127.0.0.20")  # elsewhere: after it comes a pause
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
