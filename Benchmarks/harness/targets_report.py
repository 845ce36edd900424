"""What is said of targets that were measured in turn: their table for people, their figures by name for programs."""

from load import Target


def table(title: str, targets: list[Target]) -> list[str]:
    """`title` heads the targets' column."""
    text = [
        f"{title:<28}{'answers/s':>11}{'lowest':>10}{'highest':>10}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}{'front us':>10}"
    ]
    for target in targets:
        rates = [sample.rate for sample in target.samples]
        text.append(
            f"{target.title:<28}{target.median('rate'):>11,.0f}{min(rates):>10,.0f}{max(rates):>10,.0f}"
            f"{target.median('p50'):>9.2f}{target.median('p99'):>9.2f}{target.median('cpu'):>9.1f}"
            f"{target.median('front'):>10.1f}"
        )
    return text


def figures(targets: list[Target]) -> dict[str, object]:
    named: dict[str, object] = {}
    for target in targets:
        named[f"{target.name}_per_second"] = round(target.median("rate"), 1)
        named[f"{target.name}_rounds_per_second"] = [round(sample.rate, 1) for sample in target.samples]
        named[f"{target.name}_p50_ms"] = round(target.median("p50"), 3)
        named[f"{target.name}_p99_ms"] = round(target.median("p99"), 3)
        named[f"{target.name}_cpu_us"] = round(target.median("cpu"), 1)
        named[f"{target.name}_front_us"] = round(target.median("front"), 1)
    return named
