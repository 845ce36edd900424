"""The figures: as a table with its bars for people, as one JSON object for programs."""

from dataclasses import dataclass
import json
import os
import platform
import statistics

from load import Load, Target
import processor


@dataclass(frozen=True)
class Results:
    nginx: Target
    bare: Target
    me: Target
    python: Target
    worker_mib: list[float]  # one a worker
    start_ms: list[float]  # one a start
    load: Load
    threads: int  # fast threads of a worker
    python_workers: int
    busy: float  # the machine's load average before anything was started

    @property
    def targets(self) -> list[Target]:
        return [self.nginx, self.bare, self.me, self.python]

    @property
    def me_over_bare(self) -> float:
        return self.me.median("rate") / self.bare.median("rate")

    @property
    def me_over_python(self) -> float:
        return self.me.median("rate") / self.python.median("rate")

    @property
    def me_over_python_cpu(self) -> float:
        """The same comparison in processor time of the services alone."""
        return self.python.median("cpu") / self.me.median("cpu")

    @property
    def worker_rss_mib(self) -> float:
        return max(self.worker_mib)

    @property
    def start_to_ready_ms(self) -> float:
        return statistics.median(self.start_ms)


@dataclass(frozen=True)
class Bar:
    """A figure and the most or the least that it may be."""

    name: str
    title: str
    figure: float
    limit: float
    at_most: bool
    unit: str

    @property
    def met(self) -> bool:
        return self.figure <= self.limit if self.at_most else self.figure >= self.limit


def bars(results: Results) -> list[Bar]:
    return [
        Bar("me_over_bare", "GET /me over bare responder", results.me_over_bare, 0.80, False, ""),
        Bar("me_over_python", "GET /me over Python service", results.me_over_python, 20, False, ""),
        Bar("worker_rss_mib", "memory of a worker", results.worker_rss_mib, 25, True, " MiB"),
        Bar("start_to_ready_ms", "start to ready", results.start_to_ready_ms, 100, True, " ms"),
    ]


def table(results: Results) -> str:
    load, first = results.load, results.me
    lines = [
        f"{os.cpu_count()} cores ({processor.model()}), Linux {platform.release()}, load before {results.busy:.2f}; "
        + f"medians of {len(first.samples)} rounds",
        f"wrk: {load.threads} threads, {load.connections} kept connections, {load.seconds} s a run, plain HTTP",
        f"{len(results.worker_mib)} workers of {results.threads} fast threads, the bare responder alike; "
        + f"{results.python_workers} uvicorn workers",
        "",
        f"{'':<28}{'answers/s':>11}{'lowest':>10}{'highest':>10}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}"
        + f"{'front us':>10}",
    ]
    for target in results.targets:
        rates = [sample.rate for sample in target.samples]
        lines.append(
            f"{target.title:<28}{target.median('rate'):>11,.0f}{min(rates):>10,.0f}{max(rates):>10,.0f}"
            f"{target.median('p50'):>9.2f}{target.median('p99'):>9.2f}{target.median('cpu'):>9.1f}"
            f"{target.median('front'):>10.1f}"
        )
    lines += [
        "cpu us: processor time for an answer of the service alone, with MariaDB and Redis; front us: of nginx and wrk",
        f"Python service over GET /me in cpu us: {results.me_over_python_cpu:.1f}",
        "",
    ]
    for bar in bars(results):
        word = "at most" if bar.at_most else "at least"
        verdict = "met" if bar.met else "NOT MET"
        lines.append(f"{bar.title:<28}{bar.figure:>11.2f}{bar.unit:<5} {word} {bar.limit:g}{bar.unit}: {verdict}")
    return "\n".join(lines)


def as_json(results: Results) -> str:
    """One line: the ratios and figures by name, then what they were measured with."""
    figures: dict[str, object] = {bar.name: round(bar.figure, 3) for bar in bars(results)}
    for target in results.targets:
        figures[f"{target.name}_per_second"] = round(target.median("rate"), 1)
        figures[f"{target.name}_rounds_per_second"] = [round(sample.rate, 1) for sample in target.samples]
        figures[f"{target.name}_p50_ms"] = round(target.median("p50"), 3)
        figures[f"{target.name}_p99_ms"] = round(target.median("p99"), 3)
        figures[f"{target.name}_cpu_us"] = round(target.median("cpu"), 1)
        figures[f"{target.name}_front_us"] = round(target.median("front"), 1)
    figures |= {
        "me_over_python_cpu": round(results.me_over_python_cpu, 3),
        "worker_rss_each_mib": [round(mib, 2) for mib in results.worker_mib],
        "start_to_ready_each_ms": [round(ms, 2) for ms in results.start_ms],
        "bars_met": {bar.name: bar.met for bar in bars(results)},
        "rounds": len(results.me.samples),
        "seconds": results.load.seconds,
        "connections": results.load.connections,
        "wrk_threads": results.load.threads,
        "workers": len(results.worker_mib),
        "fast_threads": results.threads,
        "python_workers": results.python_workers,
        "load_before": round(results.busy, 2),
        "cores": os.cpu_count(),
        "processor": processor.model(),
        "kernel": platform.release(),
    }
    return json.dumps(figures)
