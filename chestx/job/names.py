"""Names of files, as they may stand in an id or a table."""

STEPS = frozenset(("", ".", ".."))


def printable(name: str) -> str:
    """Replace bytes of a file name that are not UTF-8: tables could not be written with them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def below(path: str) -> str:
    """Return a path that leads nowhere above where it starts."""
    return "/".join(part for part in path.split("/") if part not in STEPS)


def is_hidden(path: str) -> bool:
    """Tell whether a file, or a folder that it lies in, is hidden as on Unix."""
    return any(part.startswith(".") and part not in STEPS for part in path.split("/"))
