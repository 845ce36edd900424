"""The figures of the part `requests`: a table for people, named figures for programs."""

from requests_part import Requests
import targets_report


def lines(results: Requests) -> list[str]:
    force = results.load
    return [
        f"wrk: {force.threads} threads, {force.connections} kept connections, {force.seconds} s a run, plain HTTP; "
        + f"medians of {len(results.me.samples)} rounds",
        f"{len(results.worker_mib)} workers of {results.threads} fast threads, the bare responder alike; "
        + f"{results.python_workers} uvicorn workers",
        "",
        *targets_report.table("", results.targets),
        "cpu us: processor time for an answer of the service alone, with MariaDB and Redis; front us: of nginx and wrk",
        f"Python service over GET /me in cpu us: {results.me_over_python_cpu:.1f}",
        "",
    ]


def figures(results: Requests) -> dict[str, object]:
    """What is not a bar: the figures by name, then what they were measured with."""
    return targets_report.figures(results.targets) | {
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
