"""Numbers of things as a user reads them."""


def count(number: int, thing: str) -> str:
    """Return `1 report`, `2 reports`, `1,000 reports`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
