"""`--no-resume`: a model goes, and all that was made with it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from chestx.job.output import LOCK, RUN, Output
from chestx.model.training.history import HISTORY
from chestx.model.training.learned import FILMS
from chestx.model.training.run import CHECKPOINTS, TENSORBOARD

_PICTURES = "overlays"
_OF_A_MODEL: Mapping[str, tuple[str, ...]] = {
    "evaluation*": (
        "metrics.json", "metrics.md", "scores.csv", "roc.png", "predictions.jsonl", RUN, LOCK,
    ),
    "predictions": ("predictions.jsonl", "rejected.csv", RUN, LOCK),
}  # fmt: skip
"""The folders of `evaluate` and `predict` in a run, and what these commands write there."""
_EXPORTED = "model.onnx"


def clear_run(output: Output) -> None:
    """Remove what chestx has made in the folder of a run; other files stay.

    So does `config.toml`, by which the folder is known for a run's: it is written anew.
    """
    for name in (CHECKPOINTS, TENSORBOARD):
        output.remove_subfolder(name)
    with output.told_plainly():
        for pattern, names in _OF_A_MODEL.items():
            for folder in filter(Path.is_dir, output.folder.glob(pattern)):
                _remove(folder / _PICTURES, folder.glob(f"{_PICTURES}/*.png"))
                _remove(folder, (folder / name for name in names))
        for name in (HISTORY, FILMS, RUN, _EXPORTED):
            (output / name).unlink(missing_ok=True)


def _remove(folder: Path, files: Iterable[Path]) -> None:
    """Remove the files of a folder, and the folder if there is nothing else in it."""
    for file in files:
        file.unlink(missing_ok=True)
    with suppress(OSError):  # it is not there, or holds what the user has put there
        folder.rmdir()
