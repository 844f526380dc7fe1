"""How soon a gallery opens and filters in a browser, and what it takes to make one."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.gallery_data import write_workspace
from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from bench.processes import CHESTX, environment, watched

STUDIES, MANY = 10_000, 100_000
ROUNDS = 7
OPEN_SECONDS, FILTER_SECONDS, MEMORY_GB = 2.0, 0.2, 2.0
FILTERS: dict[str, dict[str, str]] = {
    "a class": {"class": "2"},
    "present of a class": {"class": "2", "label": "4"},
    "part of an id": {"q": "77"},
    "label and model differ": {"agree": "label-model"},
    "disagreement, sorted": {"sort": "gap"},
    "score of a class, sorted": {"class": "5", "sort": "high"},
}
APPLY = """async (wanted) => {
  const form = document.getElementById('filters');
  form.dispatchEvent(new Event('reset', { cancelable: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
  const started = performance.now();
  Object.entries(wanted).forEach(([name, value]) => { form.elements[name].value = value; });
  form.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return (performance.now() - started) / 1000;
}"""
FILM, REPORT = ".sheet img + *", ".mention"
"""Marks are laid over a film when it has been loaded."""


def measure() -> Outcome:
    """Make both galleries by the command, then open and filter each from disk."""
    making: dict[str, dict[str, float]] = {}
    opening: dict[str, list[float]] = {}
    filtering: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for studies in (STUDIES, MANY):
            folder = Path(name, str(studies))
            write_workspace(folder, studies)
            making[f"{studies:,}"] = _make(folder)
            opened, filtered = _visit(folder / "gallery" / "index.html", studies)
            opening[f"open {studies:,}"] = opened
            filtering |= {f"{what}, {studies:,}": times for what, times in filtered.items()}
    return _outcome(making, opening, filtering)


def _make(folder: Path) -> dict[str, float]:
    started = time.perf_counter()
    process = subprocess.Popen([CHESTX, "gallery", "--quiet"], cwd=folder, env=environment())
    peak = max(watched(process).values())
    files = [path.stat().st_size for path in (folder / "gallery").rglob("*") if path.is_file()]
    return {
        "seconds": time.perf_counter() - started,
        "peak_gb": peak * 1024 / 1e9,
        "megabytes": sum(files) / 1e6,
    }


def _visit(page: Path, studies: int) -> tuple[list[float], dict[str, list[float]]]:
    """Return the seconds until the first study is shown, and until each filter has been drawn."""
    from playwright.sync_api import sync_playwright

    opened: list[float] = []
    filtered: dict[str, list[float]] = {what: [] for what in FILTERS}
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for turn in range(-1, ROUNDS):
            tab: Any = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            started = time.perf_counter()
            tab.goto(page.as_uri())
            for part in (FILM, REPORT):
                tab.wait_for_selector(part, state="attached")
            seconds = time.perf_counter() - started
            assert tab.inner_text("#count") == f"{studies:,} studies"
            found = {what: tab.evaluate(APPLY, wanted) for what, wanted in FILTERS.items()}
            tab.context.close()
            if turn >= 0:  # the first round fills the caches of the disk
                opened.append(seconds)
                for what, spent in found.items():
                    filtered[what].append(spent)
        browser.close()
    return opened, filtered


def _outcome(
    making: dict[str, dict[str, float]],
    opening: dict[str, list[float]],
    filtering: dict[str, list[float]],
) -> Outcome:
    small, large = f"{STUDIES:,}", f"{MANY:,}"
    slowest = max(max(times) for what, times in filtering.items() if what.endswith(f", {small}"))
    bars = [
        Bar(f"seconds to open {small}", max(opening[f"open {small}"]), "at most", OPEN_SECONDS),
        Bar(f"seconds of the slowest filter of {small}", slowest, "at most", FILTER_SECONDS),
        Bar(f"GB to make {large}", making[large]["peak_gb"], "at most", MEMORY_GB),
    ]
    made = [
        [studies, f"{of['seconds']:.1f}", f"{of['peak_gb']:.2f}", f"{of['megabytes']:.0f}"]
        for studies, of in making.items()
    ]
    return Outcome(
        bars=bars,
        figures={
            "making": making,
            "seconds": {what: spread(times) for what, times in {**opening, **filtering}.items()},
        },
        tables={
            "Making": [["studies", "seconds", "peak GB", "MB on disk"], *made],
            "Seconds in the browser": [
                SPREAD_HEADER,
                *(spread_cells(what, times, 3) for what, times in {**opening, **filtering}.items()),
            ],
        },
        notes=(
            "Opened is a gallery when the first study is there with its film and report; filtered "
            "when the list is drawn again.",
        ),
    )
