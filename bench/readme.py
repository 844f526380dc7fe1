"""`python -m bench.readme` copies the measured figures from `results/` into the README's marks."""

import json
import re
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.outcome import RESULTS

README = Path(__file__).parent.parent / "README.md"
_MARK = re.compile(r"<!-- figure: (?P<name>\S+) -->(?:[^<]*<!-- / -->)?")


def figures() -> dict[str, str]:
    """Return the text of each mark."""
    quality, speed, startup, memory = (
        json.loads((RESULTS / f"labels_{name}.json").read_text())
        for name in ("quality", "speed", "startup", "memory")
    )
    scores, machine = quality["figures"], speed["machine"]
    rates, starts = speed["figures"]["reports_per_second"], startup["figures"]["seconds"]
    ratios = {bar["name"]: f"{bar['value']:.1f}" for bar in speed["bars"]}
    return {
        "labels_quality.771.standard": _scores(scores["gold"]["771"]["micro"]),
        "labels_quality.771.paper": _scores(scores["paper's gold"]["771"]["micro"]),
        "labels_quality.all.standard": _scores(scores["gold"]["all"]["micro"]),
        "labels_quality.8-normal": _scores(scores["gold, 8+Normal"]["micro"]),
        "labels_quality.ablation.negex": _difference(scores["difference"], "negex"),
        "labels_quality.ablation.none": _difference(scores["difference"], "none"),
        **{f"labels_speed.{name}": f"{rate['median']:,.0f}" for name, rate in rates.items()},
        **{f"labels_speed.ratio.{name}": ratio for name, ratio in ratios.items()},
        "labels_startup": f"{max(run['median'] for run in starts.values()):.1f}",
        "labels_memory.peak": f"{memory['bars'][0]['value']:.2f} GB",
        **_of_films(),
        **_of_models(),
        **_of_phantoms(),
        "machine": f"{machine['cores']} cores of an {machine['cpu']}",
    }


def _of_films() -> dict[str, str]:
    films, whole = (
        json.loads((RESULTS / f"{name}.json").read_text())["figures"]
        for name in ("films_speed", "dataset_speed")
    )
    return {
        **{
            f"films_speed.{kind}.{name}": f"{1000 * seconds['median']:.0f}"
            for kind, found in films["seconds"].items()
            for name, seconds in found.items()
        },
        **{
            f"dataset_speed.{name}": f"{rate['median']:.0f}"
            for name, rate in whole["films_per_second"].items()
        },
    }


def _of_models() -> dict[str, str]:
    folds, overhead = (
        json.loads((RESULTS / f"{name}.json").read_text())["figures"]
        for name in ("nih_folds", "train_overhead")
    )
    found = {}
    for method, judged in folds["methods"].items():
        value, low, high = (f"{judged[key]:.3f}" for key in ("value", "low", "high"))
        found[f"nih_folds.{method}"] = f"{value} ({low} to {high})"
        found[f"nih_folds.{method}.minutes"] = f"{judged['seconds'] / 60:.0f}"
    found["train_overhead.ratio"] = f"{overhead['ratio']['median']:.2f}"
    return found


def _of_phantoms() -> dict[str, str]:
    found = json.loads((RESULTS / "phantoms.json").read_text())["figures"]
    means = {
        f"phantoms.{kind}.{way}": f"{fmean(figures):{shape}}"
        for kind, shape in (("hits", ".0%"), ("mean_auc", ".3f"))
        for way, figures in found[kind].items()
    }
    differences = {
        f"phantoms.difference.{way}": "{value:.0f} points ({low:.0f} to {high:.0f})".format(
            **{key: 100 * value for key, value in found["difference"][way].items()}
        )
        for way in found["difference"]
    }
    counts = {f"phantoms.boxes.{name}": f"{number:,}" for name, number in found["boxes"].items()}
    return {**means, **differences, **counts}


def _scores(micro: dict[str, float]) -> str:
    precision, recall, f1, low, high = (
        f"{100 * micro[key]:.1f}" for key in ("precision", "recall", "f1", "f1_low", "f1_high")
    )
    return f"{precision} / {recall} / **{f1}** ({low} to {high})"


def _difference(differences: dict[str, dict[str, float]], other: str) -> str:
    found = differences[f"dependency - {other}, 771"]
    value, low, high = (f"{100 * found[key]:.1f}" for key in ("value", "low", "high"))
    return f"{value} points ({low} to {high})"


def fill(text: str, known: dict[str, Any]) -> str:
    """Return `text` with every mark filled; `KeyError` for a figure that was not measured."""
    return _MARK.sub(lambda m: f"<!-- figure: {m['name']} -->{known[m['name']]}<!-- / -->", text)


if __name__ == "__main__":
    known = {name.replace(" ", "-"): text for name, text in figures().items()}
    README.write_text(fill(README.read_text(encoding="utf-8"), known), encoding="utf-8")
    print("\n".join(f"{name}: {text}" for name, text in known.items()))
