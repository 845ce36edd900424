"""How long a worker needs from execve(2) to READY=1 (sd_notify(3))."""

import os
from pathlib import Path
import socket
import time

from failure import Failure
from processes import listening_socket, start_inheriting, stop_inheriting


def start_to_ready(arguments: list[str], folder: Path) -> float:
    """Starts one more worker on a socket of its own, waits until it says that it is ready, ends it; the time in ms."""
    notices = folder / "notify.sock"
    notices.unlink(missing_ok=True)
    stamp_read, stamp_write = os.pipe2(os.O_CLOEXEC)
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver,
        listening_socket(folder / "start.sock") as listener,
        os.fdopen(stamp_read, "rb") as stamps,
        os.fdopen(stamp_write, "wb", buffering=0) as stamp,
    ):
        receiver.bind(str(notices))
        receiver.settimeout(10)
        pid = start_inheriting(
            arguments,
            listener,
            folder / "start.log",
            {**os.environ, "NOTIFY_SOCKET": str(notices)},
            before_exec=lambda: stamp.write(time.monotonic_ns().to_bytes(8, "little")),
        )
        try:
            ready = await_ready(receiver)
            begun = int.from_bytes(stamps.read(8), "little")
        finally:
            stop_inheriting(pid)
    return (ready - begun) / 1e6


def await_ready(receiver: socket.socket) -> int:
    """The monotonic time, in ns, at which READY=1 arrived."""
    while True:
        try:
            notice = receiver.recv(65536)
        except TimeoutError:
            raise Failure("a worker did not say READY=1 within 10 s; its words are in start.log") from None
        now = time.monotonic_ns()
        if b"READY=1" in notice.split(b"\n"):
            return now
