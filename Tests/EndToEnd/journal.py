"""The workers' event lines: `event key=value key="with blanks" ...`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wait import until

_FIELDS = r"(?:\s+[a-z_]+=(?:\"(?:[^\"\\]|\\.)*\"|\S*))*"
_EVENT = re.compile(rf"(?:^|[\s>])(?P<name>[a-z]+(?:\.[a-z_]+)+)(?P<fields>{_FIELDS})\s*$")
_FIELD = re.compile(r"([a-z_]+)=(\"(?:[^\"\\]|\\.)*\"|\S*)")


@dataclass(frozen=True)
class Event:
    name: str
    fields: dict[str, str]
    line: str

    def __getitem__(self, field: str) -> str:
        assert field in self.fields, f"no {field}= in: {self.line}"
        return self.fields[field]


def parse(line: str) -> Event | None:
    """The event of a line, or None for a line that is none."""
    match = _EVENT.search(line)
    if not match:
        return None
    fields = {
        key: re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        for key, value in _FIELD.findall(match["fields"])
    }
    return Event(match["name"], fields, line)


class Journal:
    def __init__(self, path: Path):
        self.path = path

    def mark(self) -> int:
        """The present end; hand it to `since`."""
        return self.path.stat().st_size

    def text(self, since: int = 0) -> str:
        with self.path.open("rb") as file:
            file.seek(since)
            return file.read().decode("utf-8", "replace")

    def since(self, mark: int) -> list[Event]:
        # A last line without its end is still being written.
        lines = self.text(mark).split("\n")[:-1]
        return [event for event in map(parse, lines) if event]

    def wait_for(
        self, mark: int, wanted: Callable[[Event], bool], what: str, count: int = 1, seconds: float = 10
    ) -> list[Event]:
        def found() -> list[Event] | None:
            events = [event for event in self.since(mark) if wanted(event)]
            return events if len(events) >= count else None

        return until(found, seconds, f"{count} line(s) with {what} in the log")

    def of_trace(self, name: str, trace: str) -> Event:
        """The event of this name about the request with this trace (the X-Request-Id of its answer)."""

        def found() -> Event | None:
            # Only lines with the trace are parsed: the log of a whole run is long.
            events = [parse(line) for line in self.text().split("\n")[:-1] if trace in line]
            return next((event for event in events if event and event.name == name), None)

        return until(found, 10, f"a line {name} trace={trace} in the log")
