"""Third chapter: reload, restart, upgrade, stop, repair, removal."""

import contextlib
import glob
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from machine import (
    EMAIL, GROUP, PACKAGE, SECRETS, SETTINGS, SOCKET, UNITS, WORKERS, Load, do, hashing, journal, login, main_process,
    read, request, run, show, states, token, wait_until, wait_until_all_run, write,
)

HIGH_LIMITS = """[limits]
login = { rate = "10000/second", per = "address" }
api = { rate = "10000/second", per = "user" }
"""


def test_a_reload_takes_new_settings_without_a_new_process() -> None:
    before = [main_process(worker) for worker in WORKERS]
    write("/etc/postern/conf.d/10-test.toml", HIGH_LIMITS)
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
    with Load() as load, ThreadPoolExecutor(1) as client:
        under_way = client.submit(login)
        wait_until("its password is being hashed", is_hashing)
        do("systemctl", "stop", SOCKET, GROUP)
        assert under_way.result()[0] == 200
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


def is_hashing() -> bool:
    """Some password is, at this moment: at rest the processes for it sleep."""
    processes = [process for worker in WORKERS for process in hashing(worker)]
    return any(read(f"/proc/{process}/stat").rpartition(")")[2].split()[0] == "R" for process in processes)


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
