"""Reads the TOML files that people edit, with errors that name the file, the entry and the mend."""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError

RULES = Path(__file__).resolve().parent.parent / "rules"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the contents of `path`; `ChestxError` where it is missing or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChestxError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ChestxError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ChestxError(f"{path}: is not valid TOML: {error}") from None


def check_keys(
    entry: Mapping[str, Any], where: str, required: Collection[str], optional: Collection[str] = ()
) -> None:
    """Refuse missing and unknown keys of a table, so that a typo is never silently ignored."""
    missing = [key for key in required if key not in entry]
    if missing:
        raise ChestxError(f"{where}: {missing[0]!r} is missing")
    known = [*required, *optional]
    for key in entry:
        if key not in known:
            raise ChestxError(f"{where}: unknown key {key!r} (known: {', '.join(known)})")


def tables(table: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    """Return the `[[key]]` entries of a file, `[]` where it has none."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ChestxError(f"{where}: write each entry below a line [[{key}]]")
    return value


def string(entry: Mapping[str, Any], key: str, where: str, default: str = "") -> str:
    """Return a string, `default` where the key is missing."""
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise ChestxError(f"{where}: {key!r} must be a string in quotes")
    return value


def strings(entry: Mapping[str, Any], key: str, where: str) -> list[str]:
    """Return a list of strings, `[]` where the key is missing."""
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ChestxError(f"{where}: {key!r} must be a list of strings")
    return value
