"""Second chapter: what is counted, paused and banned lives on; fail2ban reads along."""

import os
import re

from machine import (
    GROUP, PACKAGE, SOCKET, WORKERS, do, journal, login, main_process, mode, run, wait_until, wait_until_all_run,
    write,
)


def test_counts_survive_a_restart() -> None:
    source = "127.0.0.21"
    assert [login("a wrong password", source)[0] for _ in range(20)] == [401] * 20
    do("systemctl", "restart", "postern")
    assert login("a wrong password", source)[0] == 429


def test_counts_and_pauses_survive_an_upgrade_with_the_same_layout() -> None:
    counted, paused = "127.0.0.22", "127.0.0.23"
    assert [login("another wrong password", counted)[0] for _ in range(20)] == [401] * 20
    write("/etc/postern/conf.d/10-test.toml", '[login]\npauses = ["5m"]\n')
    do("systemctl", "reload", "postern")
    wait_until("the reload was taken", lambda: journal("-t", "postern").count("settings.loaded") >= 2)
    assert login("a third wrong password", paused)[0] == 401
    table = os.stat("/run/postern/rates").st_ino
    before = [main_process(worker) for worker in WORKERS]
    do("dpkg", "--install", PACKAGE)
    wait_until_all_run()
    assert not set(before) & {main_process(worker) for worker in WORKERS}
    assert os.stat("/run/postern/rates").st_ino == table
    assert login("another wrong password", counted)[0] == 429
    assert login(source=paused)[0] == 401
    assert "reason=paused" in journal("-t", "postern", "--lines=3")
    assert login()[0] == 200
    os.remove("/etc/postern/conf.d/10-test.toml")
    do("systemctl", "reload", "postern")


def test_a_ban_by_hand_survives_what_a_reboot_takes_away() -> None:
    banned = "127.0.0.24"
    do("postern", "ban", "add", banned, "--force", "--note", "of the test")
    assert login(source=banned)[0] == 401
    do("systemctl", "stop", SOCKET, GROUP)
    os.remove("/run/postern/rates")
    do("systemctl", "restart", "mariadb.service")
    do("systemctl", "start", GROUP)
    wait_until_all_run()
    assert login(source=banned)[0] == 401
    assert "reason=banned_by_hand" in journal("-t", "postern", "--lines=3")
    assert login()[0] == 200
    do("postern", "ban", "remove", banned)
    wait_until("the ban has ended", lambda: login(source=banned)[0] == 200)


def test_the_package_brings_a_fail2ban_jail_that_is_off() -> None:
    for file in ["filter.d/postern.conf", "jail.d/postern.conf"]:
        assert mode(f"/etc/fail2ban/{file}") == "644 root:root"
        assert f"/etc/fail2ban/{file}" in do("dpkg-query", "--show", "--showformat=${Conffiles}", "postern")
    write("/etc/fail2ban/jail.d/test.local", "[sshd]\nenabled = false\n")  # its log is not there
    assert "'postern'" not in do("fail2ban-client", "-d")


def test_fail2ban_counts_failed_logins_by_address_and_lines_of_others_never() -> None:
    # ignoreself: the clients of this test are addresses of this machine.
    write("/etc/fail2ban/jail.d/postern.local", "[postern]\nenabled = true\nignoreself = false\n")
    do("systemctl", "start", "fail2ban.service")
    wait_until("the jail runs", lambda: run("fail2ban-client", "status", "postern").returncode == 0)
    do("logger", "--id=77", "-t", "postern", "login.failed reason=wrong_password addr=192.0.2.66 door=login")
    before = failures()
    for number in range(3):
        login(f"guess {number} of fail2ban", "127.0.0.31")
    wait_until("three more are counted", lambda: failures() >= before + 3)
    assert failures() == before + 3
    seen = do("fail2ban-regex", "--raw", "--out=ip", "systemd-journal", "postern").split()
    assert seen.count("127.0.0.31") == 3
    assert "192.0.2.66" in journal() and "192.0.2.66" not in seen
    do("systemctl", "stop", "fail2ban.service")


def failures() -> int:
    return int(re.findall(r"Total failed:\s+(\d+)", do("fail2ban-client", "status", "postern"))[0])
