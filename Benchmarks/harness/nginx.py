"""The nginx that all stand behind that answer over HTTP."""

from contextlib import ExitStack
import os
from pathlib import Path
import socket
import subprocess

from processes import run, stop, wait_until

TEMPLATE = Path(__file__).parent.parent / "nginx.conf"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def write_upstream(path: Path, shipped: str, worker_socket: Path) -> None:
    path.write_text(shipped.replace("/run/postern/postern.sock", str(worker_socket)))


def renamed(shipped: str) -> str:
    """The shipped upstreams once more, under names that do not meet the first ones."""
    return shipped.replace("postern_", "bare_").replace("log_format postern", "log_format bare")


def start(stack: ExitStack, folder: Path, repository: Path, postern_socket: Path, peer_secret: str) -> tuple[str, int]:
    """Starts nginx, which ends with `stack`. Its base URL and its master process."""
    port = free_port()
    text = TEMPLATE.read_text()
    values = {
        "USER": "user root;" if os.geteuid() == 0 else "",
        "FOLDER": str(folder),
        "REPOSITORY": str(repository),
        "POSTERN_SOCKET": str(postern_socket),
        "PORT": str(port),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    shipped = (repository / "nginx" / "conf.d" / "postern.conf").read_text()
    write_upstream(folder / "upstream-postern.conf", shipped, postern_socket)
    write_upstream(folder / "upstream-bare.conf", renamed(shipped), folder / "bare.sock")
    settings = folder / "nginx.conf"
    settings.write_text(text)
    # postern-params.conf includes this file from beside nginx.conf.
    peer = folder / "postern-peer.conf"
    peer.touch(0o600)
    peer.write_text(f'fastcgi_param POSTERN_PEER "{peer_secret}";\n')

    arguments = ["nginx", "-c", str(settings), "-e", str(folder / "nginx-error.log")]
    run([*arguments, "-t"], "nginx -t", 10)
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
    stack.callback(stop, process)
    wait_until(lambda: is_open(port), 10, f"nginx does not listen on port {port}; see {folder}/nginx-error.log")
    return f"http://127.0.0.1:{port}", process.pid
