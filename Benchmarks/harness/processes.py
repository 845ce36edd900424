"""Programs that the benchmark starts, and their listening sockets. Every one that is started here is ended here."""

from collections.abc import Callable, Mapping
import fcntl
import os
from pathlib import Path
import signal
import socket
import subprocess
import time

from failure import Failure

INHERITED = 3  # the first descriptor of sd_listen_fds(3)


def wait_until(condition: Callable[[], bool], seconds: float, failure: str) -> None:
    """Returns as soon as `condition` holds; a Failure with that text when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(failure)
        time.sleep(0.02)


def listening_socket(path: Path) -> socket.socket:
    """A listening AF_UNIX socket at `path`, for programs that inherit it."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(4096)
    # Never number 3, so that dup2 in the child always makes a new descriptor, without the close-on-exec flag.
    high = fcntl.fcntl(listener.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)
    listener.close()
    return socket.socket(fileno=high)


def start_inheriting(
    arguments: list[str],
    listener: socket.socket,
    log: Path,
    environment: Mapping[str, str] = os.environ,
    before_exec: Callable[[], object] = lambda: None,
) -> int:
    """Starts a program as systemd does for a socket unit (LISTEN_FDS, LISTEN_PID, descriptor 3); gives its pid.

    `before_exec` is the last thing that the child does before execve(2).
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(nothing, 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.dup2(listener.fileno(), INHERITED)
            own = {**environment, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
            before_exec()
            os.execve(arguments[0], arguments, own)
        finally:
            os._exit(127)
    os.close(output)
    os.close(nothing)
    return pid


def stop_inheriting(pid: int) -> None:
    """Asks a child to end (SIGTERM), kills it after 10 s, and reaps it."""
    os.kill(pid, signal.SIGTERM)
    try:
        wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, 10, "")
    except Failure:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def stop(process: subprocess.Popen[bytes]) -> None:
    """The same for a subprocess."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(arguments: list[str], what: str, seconds: float, environment: Mapping[str, str] = os.environ) -> str:
    """Runs a program to its end and gives its standard output; a Failure with its last words when it fails."""
    try:
        ended = subprocess.run(
            arguments, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"{what}: not done after {seconds:.0f} s") from None
    if ended.returncode != 0:
        words = (ended.stderr or ended.stdout).strip()[-2000:]
        raise Failure(f"{what}: exit code {ended.returncode}\n{words}")
    return ended.stdout
