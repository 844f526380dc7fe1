"""What a stage measured, as `results/NAME.json` for programs and `results/NAME.md` for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal

from chestx.job.tables import Row, markdown_table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Bar:
    """A figure that must be `kind` the bound; the goal lies beyond it."""

    name: str
    value: float
    kind: Literal["at least", "at most", "above"]
    bound: float
    goal: float | None = None

    @property
    def reached(self) -> bool:
        if self.kind == "at most":
            return self.value <= self.bound
        return self.value > self.bound if self.kind == "above" else self.value >= self.bound


@dataclass(frozen=True)
class Outcome:
    """Bars, all `figures` behind them, tables by title, and what a reader must know."""

    bars: Sequence[Bar]
    figures: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    notes: Sequence[str] = ()


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median and range of several runs."""
    return {"median": median(values), "min": min(values), "max": max(values), "runs": len(values)}


def spread_cells(name: str, values: Sequence[float], digits: int = 2) -> Row:
    """Return a row of a table with the columns of `SPREAD_HEADER`."""
    return [
        name,
        *(f"{figure:,.{digits}f}" for figure in (median(values), min(values), max(values))),
    ]


SPREAD_HEADER = ["", "median", "min", "max"]


def write(name: str, outcome: Outcome, machine: Mapping[str, Any], folder: Path = RESULTS) -> str:
    """Write both files and return the second."""
    bars = [{**asdict(bar), "reached": bar.reached} for bar in outcome.bars]
    content = {
        "stage": name, "machine": machine, "bars": bars, "figures": outcome.figures,
        "notes": outcome.notes,
    }  # fmt: skip
    text = _markdown(name, outcome, machine)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")
    (folder / f"{name}.md").write_text(text)
    return text


def _markdown(name: str, outcome: Outcome, machine: Mapping[str, Any]) -> str:
    parts = [f"# {name}", markdown_table(_bar_rows(outcome.bars))]
    parts += outcome.notes
    for title, rows in outcome.tables.items():
        parts += [f"## {title}", markdown_table(rows)]
    parts += ["## Machine", "\n".join(f"- {key}: {_shown(machine[key])}" for key in machine)]
    return "\n\n".join(parts) + "\n"


def _bar_rows(bars: Sequence[Bar]) -> list[Row]:
    rows = [["Bar", "measured", "bound", "goal", "reached"]]
    for bar in bars:
        goal = "" if bar.goal is None else f"{bar.goal:g}"
        reached = "yes" if bar.reached else "NO"
        rows.append([bar.name, f"{bar.value:.3f}", f"{bar.kind} {bar.bound:g}", goal, reached])
    return rows


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(entry)}" for key, entry in value.items())
    return str(value)
