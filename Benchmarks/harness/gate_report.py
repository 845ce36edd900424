"""The figures of the part `gate`: tables for people, named figures for programs."""

from gate_part import Gate
from load import Run
import targets_report


def lines(results: Gate) -> list[str]:
    latencies = results.latencies
    text = targets_report.table("a file of 1 KiB", results.targets)
    text += [
        f"checked file over open file: {results.gate_over_open_file:.2f}",
        f"at a pace: {rate(latencies.quiet):,.0f}/s in quiet, {rate(latencies.storm):,.0f}/s in the storm of logins",
    ]
    for percentile in ("p50", "p99"):
        text.append(
            f"{percentile} of checked files: {latencies.median('quiet', percentile):.2f} ms in quiet, "
            f"{latencies.median('storm', percentile):.2f} ms in the storm"
        )
    return [*text, f"every hash slot busy in {latencies.busy:.1%} of samples; logins {latencies.logins}", ""]


def rate(runs: list[Run]) -> float:
    return sum(run.answers for run in runs) / sum(run.seconds for run in runs)


def figures(results: Gate) -> dict[str, object]:
    """What is not a bar, by name."""
    named: dict[str, object] = {"gate_over_open_file": round(results.gate_over_open_file, 3)}
    named |= targets_report.figures(results.targets)
    latencies = results.latencies
    for weather in ("quiet", "storm"):
        runs: list[Run] = getattr(latencies, weather)
        named[f"check_p50_{weather}_ms"] = round(latencies.median(weather, "p50"), 3)
        named[f"check_p99_{weather}_ms"] = round(latencies.median(weather, "p99"), 3)
        named[f"check_p99_{weather}_rounds_ms"] = [round(run.p99, 3) for run in runs]
        named[f"checks_{weather}_per_second"] = round(rate(runs), 1)
    return named | {
        "hash_slots_busy": round(latencies.busy, 4),
        "storm_logins": {str(status): count for status, count in sorted(latencies.logins.items())},
    }
