"""Retry-After, obeyed, is always admitted."""

import asyncio
import random
import ssl
from dataclasses import dataclass, field

import pytest

from client import Site, fresh_address, trusting

# A search for nothing: admitted, it takes its place and is then told what is missing, so MariaDB's pace is not in it.
ADMITTED, REFUSED = 400, 429
REQUEST = b"GET /public/search?q= HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@dataclass
class Tally:
    """What all clients of a run saw."""

    wanted: int
    waits: int = 0
    refused_after_waiting: list[str] = field(default_factory=list)
    told: dict[int, int] = field(default_factory=dict)

    def is_done(self) -> bool:
        return self.waits >= self.wanted or bool(self.refused_after_waiting)


class Asker:
    """One client at its own address, over one kept connection; it opens another where nginx has closed that one."""

    def __init__(self, site: Site, context: ssl.SSLContext):
        self.site = site
        self.context = context
        self.address = fresh_address()
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self) -> tuple[int, int]:
        """Status and Retry-After of one request."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1",
                self.site.port,
                ssl=self.context,
                server_hostname="127.0.0.1",
                local_addr=(self.address, 0),
            )
        self.writer.write(REQUEST)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        await self._body(fields)
        if fields.get("connection") == "close":
            await self.close()
        return int(head[0].split(" ")[1]), int(fields.get("retry-after", 0))

    async def _body(self, fields: dict[str, str]) -> None:
        if "content-length" in fields:
            await self.reader.readexactly(int(fields["content-length"]))
            return
        assert fields["transfer-encoding"] == "chunked"
        while size := int(await self.reader.readline(), 16):
            await self.reader.readexactly(size + 2)
        await self.reader.readline()

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None


async def wait_and_try(asker: Asker, tally: Tally, pace: float) -> None:
    """Sends until it is refused, waits as told and a random while more, and expects to be admitted; again and again."""
    while not tally.is_done():
        status, wait = await asker.ask()
        if status == ADMITTED:
            await asyncio.sleep(random.uniform(0, pace))  # so that places come back at all sorts of moments
            continue
        assert status == REFUSED
        tally.told[wait] = tally.told.get(wait, 0) + 1
        await asyncio.sleep(wait + random.choice([0, random.uniform(0, 0.3)]))
        tally.waits += 1
        status, again = await asker.ask()
        if status != ADMITTED:
            tally.refused_after_waiting.append(f"{asker.address}: waited {wait} s, then {status}, Retry-After {again}")
    await asker.close()


async def run(site: Site, tally: Tally, clients: int, pace: float) -> None:
    context = trusting(site.ca)
    await asyncio.gather(*(wait_and_try(Asker(site, context), tally, pace) for _ in range(clients)))


@pytest.mark.parametrize(
    "rate, window, waits, clients, pace",
    [
        ("5/2s", 2, 8000, 700, 0.4),  # an exact log
        ("3/2s; 6/5s", 5, 1500, 350, 0.3),  # the larger one of two
        ("30/1s", 1, 500, 60, 0.01),  # tickets in sub-windows
    ],
)
def test_who_waits_is_admitted(stack, capsys, rate, window, waits, clients, pace):
    tally = Tally(waits)
    with stack.settings.set(f'[limits]\nsearch = {{ rate = "{rate}", per = "address" }}\n'):
        asyncio.run(run(stack.site, tally, clients, pace))
    assert tally.refused_after_waiting == []
    assert tally.waits >= waits
    # A ticket's place comes back with its sub-window, up to a 21st of the window later.
    assert all(1 <= told <= window + 1 for told in tally.told), tally.told
    with capsys.disabled():
        print(f"\n{rate}: {tally.waits} waits, Retry-After " + ", ".join(f"{s} s: {n}" for s, n in tally.told.items()))
