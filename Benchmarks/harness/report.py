"""What both parts of the report share: bars, the machine, and how they are put together."""

from dataclasses import dataclass
import os
import platform
import sys

import processor


def say(text: str) -> None:
    """Progress, for people."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


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


def machine_line(busy: float) -> str:
    return f"{os.cpu_count()} cores ({processor.model()}), Linux {platform.release()}, load before {busy:.2f}"


def machine(busy: float) -> dict[str, object]:
    return {
        "load_before": round(busy, 2),
        "cores": os.cpu_count(),
        "processor": processor.model(),
        "kernel": platform.release(),
    }


def bar_lines(bars: list[Bar]) -> list[str]:
    lines = []
    for bar in bars:
        word = "at most" if bar.at_most else "at least"
        verdict = "met" if bar.met else "NOT MET"
        lines.append(f"{bar.title:<28}{bar.figure:>11.2f}{bar.unit:<5} {word} {bar.limit:.3g}{bar.unit}: {verdict}")
    return lines


def bar_figures(bars: list[Bar]) -> dict[str, object]:
    return {bar.name: round(bar.figure, 3) for bar in bars}
