"""The nginx that all stand behind that answer over HTTP."""

from contextlib import ExitStack
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import socket
import subprocess

from processes import run, stop, wait_until

TEMPLATE = Path(__file__).parent.parent / "nginx.conf"
SOCKET = "/run/postern/postern.sock"
FILE_BYTES = 1024


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Front:
    """The nginx in front of all, and where it listens."""

    base: str
    gate: str  # what Postern's check keeps
    bare_gate: str  # what the bare responder's check keeps
    process: int


def renamed(shipped: str, name: str) -> str:
    """A shipped file once more, with upstreams and variables under names that do not meet the first ones."""
    return shipped.replace("postern_", f"{name}_").replace("log_format postern", f"log_format {name}")


def write_shipped(folder: Path, shipped: Path, postern_socket: Path) -> None:
    """The shipped files as they are, and once more for each bare responder."""
    shutil.copytree(shipped / "snippets", folder / "snippets", dirs_exist_ok=True)
    upstreams = (shipped / "conf.d" / "postern.conf").read_text()
    for name, path in {"bare": folder / "bare.sock", "bare-check": folder / "bare-check.sock"}.items():
        text = renamed(upstreams, name.replace("-", "_"))
        (folder / f"upstream-{name}.conf").write_text(text.replace(SOCKET, str(path)))
    (folder / "upstream-postern.conf").write_text(upstreams.replace(SOCKET, str(postern_socket)))
    gate = (shipped / "snippets" / "postern.conf").read_text()
    (folder / "bare-check.conf").write_text(renamed(gate, "bare_check"))


def start(stack: ExitStack, folder: Path, repository: Path, postern_socket: Path, peer_secret: str) -> Front:
    """Starts nginx, which ends with `stack`."""
    port, gate, bare_gate = free_port(), free_port(), free_port()
    text = TEMPLATE.read_text()
    values = {
        "USER": "user root;" if os.geteuid() == 0 else "",
        "FOLDER": str(folder),
        "PORT": str(port),
        "GATE_PORT": str(gate),
        "BARE_GATE_PORT": str(bare_gate),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    write_shipped(folder, repository / "nginx", postern_socket)
    write_files(folder / "www")
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
    return Front(*(f"http://127.0.0.1:{number}" for number in (port, gate, bare_gate)), process=process.pid)


def write_files(root: Path) -> None:
    """The same file where nothing keeps it and where a check does."""
    for name in ("open", "kept"):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "page.html").write_bytes(b"x" * FILE_BYTES)
