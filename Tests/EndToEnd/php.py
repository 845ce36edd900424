"""A real php-fpm of its own (Debian's package php-fpm), and scripts that say what PHP was told."""

import glob
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wait import until

# $_SERVER as PHP has it, and the script that ran.
TELL = "<?php header('Content-Type: application/json'); echo json_encode($_SERVER + ['ran' => basename(__FILE__)]);\n"

_SETTINGS = """[global]
pid = {folder}/php.pid
error_log = {folder}/php.log
daemonize = no
[www]
{user}
listen = {socket}
listen.mode = 0666
pm = static
pm.max_children = 2
"""


def _program() -> str:
    places = [*glob.glob("/usr/sbin/php-fpm*"), shutil.which("php-fpm")]
    program = next((place for place in places if place), None)
    assert program, "php-fpm is not there: apt-get install php-fpm"
    return program


@contextmanager
def php_fpm(folder: Path) -> Iterator[Path]:
    """Runs it while it holds; gives the socket that it listens on."""
    socket = folder / "php.sock"
    root = os.geteuid() == 0
    settings = folder / "php-fpm.conf"
    user = "user = root\ngroup = root" if root else ""  # a test's folder is closed to others
    settings.write_text(_SETTINGS.format(folder=folder, socket=socket, user=user))
    command = [_program(), "--nodaemonize", "--fpm-config", str(settings)] + ["--allow-to-run-as-root"] * root
    with open(folder / "php.out", "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        until(lambda: socket.exists() or process.poll() is not None, 20, "php-fpm to listen")
        assert process.poll() is None, (folder / "php.out").read_text()
        yield socket
    finally:
        process.terminate()
        process.wait(20)


def tell(root: Path, *names: str) -> None:
    """Puts a script at each of these paths that answers with what PHP was told."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(TELL)
