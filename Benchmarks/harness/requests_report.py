"""The figures of the part `requests`: a table for people, named figures for programs."""

from requests_part import Requests


def lines(results: Requests) -> list[str]:
    force = results.load
    text = [
        f"wrk: {force.threads} threads, {force.connections} kept connections, {force.seconds} s a run, plain HTTP; "
        + f"medians of {len(results.me.samples)} rounds",
        f"{len(results.worker_mib)} workers of {results.threads} fast threads, the bare responder alike; "
        + f"{results.python_workers} uvicorn workers",
        "",
        f"{'':<28}{'answers/s':>11}{'lowest':>10}{'highest':>10}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}"
        + f"{'front us':>10}",
    ]
    for target in results.targets:
        rates = [sample.rate for sample in target.samples]
        text.append(
            f"{target.title:<28}{target.median('rate'):>11,.0f}{min(rates):>10,.0f}{max(rates):>10,.0f}"
            f"{target.median('p50'):>9.2f}{target.median('p99'):>9.2f}{target.median('cpu'):>9.1f}"
            f"{target.median('front'):>10.1f}"
        )
    text += [
        "cpu us: processor time for an answer of the service alone, with MariaDB and Redis; front us: of nginx and wrk",
        f"Python service over GET /me in cpu us: {results.me_over_python_cpu:.1f}",
        "",
    ]
    return text


def figures(results: Requests) -> dict[str, object]:
    """What is not a bar: the figures by name, then what they were measured with."""
    named: dict[str, object] = {}
    for target in results.targets:
        named[f"{target.name}_per_second"] = round(target.median("rate"), 1)
        named[f"{target.name}_rounds_per_second"] = [round(sample.rate, 1) for sample in target.samples]
        named[f"{target.name}_p50_ms"] = round(target.median("p50"), 3)
        named[f"{target.name}_p99_ms"] = round(target.median("p99"), 3)
        named[f"{target.name}_cpu_us"] = round(target.median("cpu"), 1)
        named[f"{target.name}_front_us"] = round(target.median("front"), 1)
    return named | {
        "me_over_python_cpu": round(results.me_over_python_cpu, 3),
        "worker_rss_each_mib": [round(mib, 2) for mib in results.worker_mib],
        "start_to_ready_each_ms": [round(ms, 2) for ms in results.start_ms],
        "rounds": len(results.me.samples),
        "seconds": results.load.seconds,
        "connections": results.load.connections,
        "wrk_threads": results.load.threads,
        "workers": len(results.worker_mib),
        "fast_threads": results.threads,
        "python_workers": results.python_workers,
    }
