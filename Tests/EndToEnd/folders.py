"""A static site: one folder for each way in which a test protects it."""

import json
from collections.abc import Iterable
from pathlib import Path

KEPT = "kept behind the gate\n"


def make_root(path: Path, folders: Iterable[str]) -> Path:
    """Fills `path`: open.txt, and in each folder page.txt, which nobody may read whom the gate does not let pass."""
    path.chmod(0o755)
    (path / "open.txt").write_text("open\n")
    for folder in folders:
        (path / folder).mkdir()
        (path / folder / "page.txt").write_text(KEPT)
    return path


def locations(requirements: dict[str, str]) -> str:
    """nginx's locations: each folder with the tail of its check's URI."""
    lines = ["location = /open.txt { auth_request off; }"]
    for folder, tail in requirements.items():
        lines.append(f"location /{folder}/ {{ auth_request {json.dumps('/postern/auth' + tail)}; }}")
    return "\n".join(lines)
