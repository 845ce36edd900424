"""The figures of the part `rates`: a table for people, named figures for programs."""

import statistics

from rates_part import LIMIT, PROCESSES, Limiter, Rates

COLUMNS = ("decision_ns", "hot_per_second", "flood_per_second", "most", "over", "admitted", "at_once")


def cell(figure: float | None) -> str:
    return "" if figure is None else f"{figure:,.0f}"


def row(limiter: Limiter) -> str:
    return f"{limiter.title:<32}" + "".join(f"{cell(getattr(limiter, name)):>12}" for name in COLUMNS)


def lines(rates: Rates) -> list[str]:
    heads = ["decision ns", "hot key/s", "flood/s", "most in 1 s", "over", "admitted", "at once"]
    return [
        f"{LIMIT} in 1 s of one key, {PROCESSES} processes",
        f"{'':<32}" + "".join(f"{head:>12}" for head in heads),
        *map(row, rates.limiters),
        f"1,000,000 keys, in place: {cell(statistics.median(rates.million))} ns on pages of 4 KiB, "
        + (f"{cell(statistics.median(rates.million_huge_pages))} ns" if rates.million_huge_pages else "only root may mount")
        + " on pages of 2 MiB",
        f"four times as many keys as places: {rates.worst('honest_refused_share'):.1%} of the requests of keys that were there "
        f"before refused, {rates.worst('newcomer_refused_share'):.1%} of those of newcomers",
        "decision ns: one thread, 1,000 keys; hot key/s: decisions of all processes on the one key, most refused",
        "flood/s: answers over HTTP, most of them 429; over: admissions that were too many for some window of 1 s",
        f"at once: how many of the first {LIMIT} requests were admitted, sent without a pause after a rest",
        "",
    ]


def figures(rates: Rates) -> dict[str, object]:
    """What is not a bar, by name."""
    named: dict[str, object] = {
        "hot_key_over_single_refused": round(rates.hot_key_over_single_refused, 3),
        "honest_refused_share": round(rates.worst("honest_refused_share"), 4),
        "newcomer_refused_share": round(rates.worst("newcomer_refused_share"), 4),
        "flood_over_calm_by_limit": {str(int(one["limit"])): round(one["flood_over_calm"], 2) for one in rates.pressure},
        "decision_ns_1k_runs": [round(run, 1) for run in rates.thousand],
        "decision_ns_1m_small_pages": round(statistics.median(rates.million), 1),
        "decision_ns_1m_small_pages_runs": [round(run, 1) for run in rates.million],
        "decision_ns_1m_huge_pages_runs": [round(run, 1) for run in rates.million_huge_pages],
    }
    json_names = {
        "decision_ns": "decision_ns",
        "hot_per_second": "hot_per_second",
        "flood_per_second": "flood_per_second",
        "most": "most_in_window",
        "over": "over_admissions",
        "admitted": "admitted",
        "at_once": "at_once",
    }
    for limiter in rates.limiters:
        for column, name in json_names.items():
            figure = getattr(limiter, column)
            if figure is not None:
                named[f"{limiter.name}_{name}"] = round(figure, 1)
    return named
