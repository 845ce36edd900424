"""The one error of the harness."""


class Failure(Exception):
    """Nothing was measured, or what was measured cannot be trusted. The text says why, for a person."""
