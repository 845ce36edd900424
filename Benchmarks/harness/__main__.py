"""scripts/bench: starts everything, measures in turn, prints the figures.

Standard output has the figures and nothing else; progress and errors go to standard error. Exit code 0 when it
measured, whether or not the bars are met; 1 when something failed; 2 for unusable arguments.
"""

import argparse
from contextlib import ExitStack
import json
import os
from pathlib import Path
import signal
import sys
from types import FrameType

from failure import Failure
import gate_part
import gate_report
import ground
from load import Load
import rates_part
import rates_report
import report
from report import Bar, say
import requests_part
import requests_report

REPOSITORY = Path(__file__).resolve().parents[2]
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures requests, memory and start of the workers, and rate decisions."
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object on standard output; the table goes to standard error"
    )
    parser.add_argument("--only", choices=("rates", "requests", "gate"), help="one part (default all)")
    parser.add_argument(
        "--rounds", type=int, default=11, metavar="N", help="requests and gate: runs of each target (default 11, at least 5)"
    )
    parser.add_argument("--seconds", type=int, default=2, metavar="S", help="length of a run of wrk (default 2)")
    parser.add_argument("--connections", type=int, default=64, metavar="C", help="kept connections (default 64)")
    chosen = parser.parse_args()
    if chosen.rounds < 5 or chosen.seconds < 1 or chosen.connections < 2:
        parser.error("at least 5 rounds, 1 second and 2 connections")
    return chosen


def interrupt(number: int, frame: FrameType | None) -> None:
    for further in SIGNALS:  # what was started is ended in peace
        signal.signal(further, signal.SIG_IGN)
    raise Failure(f"stopped by {signal.Signals(number).name}")


def bench(chosen: argparse.Namespace, ends: ExitStack) -> tuple[list[str], dict[str, object]]:
    """The table's lines, and the figures by name: the bars' first, then the others."""
    busy = os.getloadavg()[0]
    force = Load(connections=chosen.connections, threads=2, seconds=chosen.seconds)
    bars: list[Bar] = []
    lines = [report.machine_line(busy), ""]
    figures: dict[str, object] = {}
    common = ground.start(ends, REPOSITORY)
    chosen_parts = {chosen.only} if chosen.only else {"rates", "requests", "gate"}
    if chosen_parts & {"rates", "requests"}:
        others = ground.start_others(ends, common.product.folder)
    if "rates" in chosen_parts:
        rates = rates_part.measure(common, others, REPOSITORY, force)
        bars += rates.bars()
        lines += [*rates_report.lines(rates), *report.bar_lines(rates.bars()), ""]
        figures |= rates_report.figures(rates)
    if "requests" in chosen_parts:
        requests = requests_part.measure(ends, common, others, force, chosen.rounds)
        bars += requests.bars()
        lines += [*requests_report.lines(requests), *report.bar_lines(requests.bars()), ""]
        figures |= requests_report.figures(requests)
    if "gate" in chosen_parts:
        gate = gate_part.measure(ends, common, force, chosen.rounds)
        bars += gate.bars()
        lines += [*gate_report.lines(gate), *report.bar_lines(gate.bars())]
        figures |= gate_report.figures(gate)
    met: dict[str, object] = {"bars_met": {bar.name: bar.met for bar in bars}}
    return lines, report.bar_figures(bars) | figures | met | report.machine(busy)


def main() -> int:
    chosen = arguments()
    for number in SIGNALS:
        signal.signal(number, interrupt)
    try:
        with ExitStack() as ends:
            lines, figures = bench(chosen, ends)
    except Failure as failure:
        say(str(failure))
        return 1
    print("\n".join(lines), file=sys.stderr if chosen.json else sys.stdout)
    if chosen.json:
        print(json.dumps(figures))
    return 0


sys.exit(main())
