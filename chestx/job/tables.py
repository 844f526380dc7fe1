"""Tables for the terminal and for Markdown, from the same rows."""

from collections.abc import Sequence

Row = list[str]


def text_table(rows: Sequence[Row]) -> str:
    """Align rows in columns, the first column to the left, the others to the right."""
    widths = _widths(rows)
    lines = ["  ".join(_cells(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def markdown_table(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table that reads well as plain text too."""
    widths = _widths(rows)
    lines = ["| " + " | ".join(_cells(row, widths)) + " |" for row in rows]
    right = ["-" * (width - 1) + ":" for width in widths[1:]]
    lines.insert(1, "| " + " | ".join(["-" * widths[0], *right]) + " |")
    return "\n".join(lines)


def _widths(rows: Sequence[Row]) -> list[int]:
    return [max(3, *map(len, column)) for column in zip(*rows, strict=True)]


def _cells(row: Row, widths: Sequence[int]) -> list[str]:
    padded = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
    return [row[0].ljust(widths[0]), *padded[1:]]
