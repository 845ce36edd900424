"""Whether a rule "N in W" was kept, from the time of every admission.

An admission is a pair (begin, end) in ns of one clock: it was decided at some time between the two. Two admissions lie
in one half-open window [t, t + W) for certain when one begins at t or later and the other ends before t + W. Only what
is certain counts, so a slow answer accuses nobody.
"""

Admission = tuple[int, int]


def most_in_window(admissions: list[Admission], window: int) -> int:
    """The most admissions that lie in one window for certain."""
    most = 0
    for begin, _ in admissions:
        most = max(most, sum(begin <= other and end < begin + window for other, end in admissions))
    return most


def over_admissions(admissions: list[Admission], limit: int, window: int) -> int:
    """How many admissions were too many.

    In the order of their ends: an admission is one too many when `limit` that were not lie in one window with it.
    """
    kept: list[Admission] = []
    over = 0
    for begin, end in sorted(admissions, key=lambda admission: admission[1]):
        kept = [earlier for earlier in kept if earlier[0] > end - window]
        if begin > end - window and len(kept) >= limit:
            over += 1
        else:
            kept.append((begin, end))
    return over
