"""A trained model as one ONNX file, for programs that have neither chestx nor PyTorch."""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from torch import Tensor, nn

from chestx.errors import ChestxError
from chestx.model.methods.method import Method
from chestx.model.training.config import TrainConfig
from chestx.model.training.run import load_run

MODEL = "model.onnx"
INPUT, OUTPUTS = "images", ["scores", "heatmaps"]
_EXAMPLES = 2
"""Images that the network is traced with: of one, the batch would be taken for a constant."""


class _Maps(nn.Module):
    def __init__(self, method: Method) -> None:
        super().__init__()
        self.method = method

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return self.method.maps(images)


def export_onnx(run: Path, out: Path | None = None) -> Path:
    """Write the best model of a run as ONNX and return the file, by default RUN/model.onnx.

    Its input is `images`, float32 [N, 1, size, size] in 0..255, the film as `as_input` makes it,
    for any N; its outputs are `scores` [N, C] and `heatmaps` [N, C, S, S], as `Method.maps` gives
    them. The file's metadata name `classes` (JSON), `method` and `size`.

    Raises `ChestxError` for a folder that is no run, where the extra `onnx` is not installed, and
    where the file cannot be written.
    """
    config, method = load_run(run)
    path = run / MODEL if out is None else out
    data = _onnx(config, method)
    unfinished = path.with_name(f".{path.name}.chestx-tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise ChestxError(
            f"cannot write '{path}' ({error.strerror}): name another file with -o"
        ) from error
    return path


def _onnx(config: TrainConfig, method: Method) -> bytes:
    example = torch.zeros(_EXAMPLES, 1, config.size, config.size)
    try:
        with _silence():
            program = torch.onnx.export(
                _Maps(method).eval(),
                (example,),
                input_names=[INPUT],
                output_names=OUTPUTS,
                dynamic_shapes={INPUT: {0: torch.export.Dim("images")}},
                dynamo=True,
                verbose=False,
            )
    except ImportError as error:
        raise ChestxError(
            "the export needs onnx and onnxscript: pip install 'chestx[onnx]' and run it again"
        ) from error
    assert program is not None
    facts = {"classes": json.dumps(method.classes), "method": method.name, "size": config.size}
    program.model.metadata_props.update({name: str(value) for name, value in facts.items()})
    data: bytes = program.model_proto.SerializeToString()
    return data


@contextmanager
def _silence() -> Iterator[None]:
    """Keep back what PyTorch and onnxscript say of their own insides."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(level)
