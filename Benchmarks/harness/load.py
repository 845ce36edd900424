"""Load by wrk over kept connections, and what it says."""

from dataclasses import dataclass, field
import http.client
import json
from pathlib import Path
import statistics
from urllib.parse import urlsplit

from failure import Failure
from processes import run
from processor import ended_seconds, used_seconds

SCRIPT = Path(__file__).with_name("report.lua")
PACED = Path(__file__).with_name("paced.lua")


@dataclass(frozen=True)
class Load:
    """How hard, for all targets alike."""

    connections: int
    threads: int
    seconds: int


@dataclass(frozen=True)
class Sample:
    """One run of wrk: answers, answers a second, the latency's percentiles in ms, and the processor time for an
    answer in µs, of the service and of nginx with wrk."""

    answers: int
    rate: float
    p50: float
    p99: float
    cpu: float
    front: float


@dataclass
class Target:
    """One of those that are compared."""

    name: str
    title: str
    url: str
    token: str
    processes: list[int]  # those of the service behind nginx
    nginx: list[int]  # nginx's own, the same for all
    samples: list[Sample] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def median(self, figure: str) -> float:
        return float(statistics.median(getattr(sample, figure) for sample in self.samples))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def fetch(target: Target) -> Answer:
    """One GET by hand, to see what it is that wrk will count."""
    parts = urlsplit(target.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path, headers=target.headers)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, answer.read())
    except OSError as error:
        raise Failure(f"{target.title}: {error}") from error
    finally:
        connection.close()


@dataclass(frozen=True)
class Run:
    """What wrk says of one run."""

    answers: int
    seconds: float
    p50: float  # ms
    p99: float
    refused: int  # answers of 400 and above
    broken: int  # connections or reads that failed


def run_wrk(name: str, url: str, headers: dict[str, str], load: Load, script: Path = SCRIPT) -> Run:
    arguments = ["wrk", f"-t{load.threads}", f"-c{load.connections}", f"-d{load.seconds}s", "--timeout", "5s"]
    for header, value in headers.items():
        arguments += ["-H", f"{header}: {value}"]
    output = run([*arguments, "-s", str(script), url], f"wrk {name}", load.seconds + 30)
    figures = json.loads(output.strip().splitlines()[-1])
    return Run(
        answers=figures["requests"],
        seconds=figures["microseconds"] / 1e6,
        p50=figures["p50"] / 1000,
        p99=figures["p99"] / 1000,
        refused=figures["refused"],
        broken=figures["broken"],
    )


def measure(target: Target, load: Load) -> Sample:
    """One run; a Failure when any answer was not 2xx or any connection broke."""
    before, front_before = used_seconds(target.processes), used_seconds(target.nginx) + ended_seconds()
    wrk = run_wrk(target.name, target.url, target.headers, load)
    used = used_seconds(target.processes) - before
    front_used = used_seconds(target.nginx) + ended_seconds() - front_before  # wrk is what ended in between
    check_run(target, wrk)
    return Sample(
        answers=wrk.answers,
        rate=wrk.answers / wrk.seconds,
        p50=wrk.p50,
        p99=wrk.p99,
        cpu=used * 1e6 / wrk.answers,
        front=front_used * 1e6 / wrk.answers,
    )


def pace(target: Target, load: Load) -> Run:
    """One run in which each connection rests between its requests; a Failure as for `measure`."""
    wrk = run_wrk(target.name, target.url, target.headers, load, PACED)
    check_run(target, wrk)
    return wrk


def check_run(target: Target, wrk: Run) -> None:
    if wrk.answers == 0 or wrk.refused or wrk.broken:
        raise Failure(
            f"{target.title}: {wrk.answers} answers, {wrk.refused} of them not 2xx, "
            f"{wrk.broken} connections or reads failed"
        )


def flood(name: str, url: str, load: Load) -> float:
    """Answers a second, refusals among them; a Failure when nothing was refused or any connection broke."""
    wrk = run_wrk(name, url, {}, load)
    if wrk.refused == 0 or wrk.broken:
        raise Failure(
            f"{name} under a flood: {wrk.refused} of {wrk.answers} refused, {wrk.broken} connections or reads failed"
        )
    return wrk.answers / wrk.seconds
