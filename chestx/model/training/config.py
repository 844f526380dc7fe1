"""All that decides a training run: `config.toml`, from which alone the same run can be made."""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from chestx.errors import ChestxError
from chestx.model.data.image_format import ImageFormat

MethodName = Literal["wcel", "mil"]
Optimizer = Literal["sgd", "adam"]
Precision = Literal["float32", "bf16", "fp16"]
_OWN: Mapping[MethodName, tuple[str, ...]] = {
    "wcel": ("loss", "pooling", "r", "map_size"),
    "mil": ("patches", "lambda_bbox", "rescale"),
}
"""The options that only one method has."""
OF_THE_DATASET = ("classes", "image_size", "image_fit", "image_bits")
"""What a run takes from its dataset where no one gives it."""
_RANGES: Mapping[str, tuple[float, float]] = {
    "size": (1, math.inf),
    "epochs": (1, math.inf),
    "batch_size": (1, math.inf),
    "accumulate": (1, math.inf),
    "lr": (1e-12, math.inf),
    "lr_every": (1, math.inf),
    "num_nodes": (1, math.inf),
    "seed": (0, 2**32 - 1),
    "folds": (2, math.inf),
    "r": (1e-12, math.inf),
    "map_size": (1, math.inf),
    "patches": (1, math.inf),
    "boxes_fraction": (0, 1),
    "unboxed_fraction": (0, 1),
}
"""The least and the most that a number may be; of those not named, 0 and no bound."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """The options of a run; a key of `config.toml` each.

    Defaults are the papers' where they state them: of `wcel` those of Wang et al. 2017, section 4,
    of `mil` those of Li et al. 2018, section 4.1 (`defaults_of`). `lr` is that of the new layers,
    `backbone_lr` that of the backbone, where 0 freezes it; both are multiplied by `lr_factor` every
    `lr_every` epochs. A step takes `accumulate` batches of `batch_size` films on each device, and
    is then that of one large batch, W-CEL's counts included; BatchNorm's statistics are of each
    small batch. `boxes_in` is the edge in pixels of the images in which the dataset's boxes count,
    0 for the images themselves. `fold` above 0 is the fold to be judged on, of `folds`, in place of
    the dataset's own split. `steps` above 0 ends training after so many optimizer steps, in place
    of `epochs`. `patience` above 0 ends it after so many epochs without a better mean AUC on
    validation.
    """

    method: MethodName
    data: str = "dataset"
    classes: tuple[str, ...] = ()
    backbone: str = "resnet50"
    weights: str = "imagenet"
    size: int = 512
    epochs: int = 20
    steps: int = 0
    batch_size: int = 5
    accumulate: int = 1
    optimizer: Optimizer = "adam"
    lr: float = 1e-3
    backbone_lr: float = 1e-3
    weight_decay: float = 1e-5
    lr_every: int = 10
    lr_factor: float = 0.1
    patience: int = 0
    precision: Precision = "float32"
    compile: bool = False
    channels_last: bool = False
    devices: str = "auto"
    num_nodes: int = 1
    loader_workers: int = 0
    seed: int = 0
    augment: bool = False
    fold: int = 0
    folds: int = 5
    boxes_in: int = 0
    image_size: int = 0
    image_fit: Literal["squash", "pad"] = "squash"
    image_bits: Literal[8, 16] = 8
    loss: str = "wcel"
    pooling: str = "lse"
    r: float = 10.0
    map_size: int = 16
    patches: int = 16
    lambda_bbox: float = 5.0
    rescale: bool = True
    annotated_negative: bool = False
    boxes_fraction: float = 1.0
    unboxed_fraction: float = 1.0

    @property
    def image_format(self) -> ImageFormat:
        """How the images of the dataset were made of films."""
        return ImageFormat(self.image_size, self.image_fit, self.image_bits)

    def method_options(self) -> dict[str, Any]:
        """Return what `make_method` takes."""
        return {name: getattr(self, name) for name in ("backbone", "weights", *_OWN[self.method])}


def defaults_of(method: MethodName) -> TrainConfig:
    """Return the paper's settings: SGD on batches of 80 at 1024 pixels, or Adam at 512."""
    if method == "mil":
        return TrainConfig(method="mil", backbone="resnetv2_50")
    return TrainConfig(
        method="wcel",
        size=1024,
        batch_size=8,
        accumulate=10,
        optimizer="sgd",
        lr=0.01,
        backbone_lr=0.001,
        map_size=32,
    )


def make_config(
    method: MethodName | None, file: Path | None, given: Mapping[str, Any]
) -> TrainConfig:
    """Return the paper's settings, changed by what a file says, changed by what was `given`.

    Raises `ChestxError` for a key that is none, for a value of another type, for a file of the
    other method, whose settings would be its own, and where an option of the other is `given`.
    """
    said = {} if file is None else _read(file)
    name: MethodName | None = method or said.get("method")
    if name is not None and name not in get_args(MethodName):
        raise ChestxError(f"there is no method {name!r}: choose wcel or mil")
    if name is None:
        raise ChestxError("say which method to train: --method wcel or --method mil")
    if file is not None and said.get("method", name) != name:
        raise ChestxError(
            f"'{file}' is of the method {said['method']}: leave out --method {name}, or take the "
            "line out of the file"
        )
    _refuse_other_methods(name, given)
    return _changed(defaults_of(name), {**said, **given, "method": name}, file)


def config_text(config: TrainConfig) -> str:
    """Return `config.toml`, complete."""
    return "".join(f"{name} = {_toml(value)}\n" for name, value in asdict(config).items())


def changed_options(file: Path, config: TrainConfig) -> tuple[str, ...]:
    """Return the names of the options that `config.toml` has otherwise."""
    kept = _read(file)
    wanted = tomllib.loads(config_text(config))
    return tuple(name for name in wanted if kept.get(name) != wanted[name])


def _refuse_other_methods(method: MethodName, given: Mapping[str, Any]) -> None:
    """A complete file has the options of both; who gives one of the other method expects of it."""
    for other, options in _OWN.items():
        foreign = [name for name in options if name in given and other != method]
        if foreign:
            raise ChestxError(
                f"{foreign[0]} is an option of the method {other} and does nothing in {method}: "
                f"leave it out, or use --method {other}"
            )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ChestxError(f"cannot read '{file}' ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChestxError(f"'{file}' is no TOML: {error}") from error


def _changed(config: TrainConfig, given: Mapping[str, Any], file: Path | None) -> TrainConfig:
    types = get_type_hints(TrainConfig)
    unknown = [name for name in given if name not in types]
    if unknown:
        known = ", ".join(field.name for field in fields(TrainConfig))
        place = "the options have" if file is None else f"'{file}' has"
        raise ChestxError(f"{place} an unknown key '{unknown[0]}': choose of {known}")
    return replace(config, **{name: _typed(name, v, types[name]) for name, v in given.items()})


def _typed(name: str, value: Any, kind: Any) -> Any:
    choices = get_args(kind)
    if name == "classes":
        fits = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        value = tuple(value) if fits else value
    elif choices:
        fits = value in choices
    elif kind is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        value = float(value) if fits else value
    else:
        fits = type(value) is kind
    if not fits:
        wanted = f"one of {', '.join(map(str, choices))}" if choices and name != "classes" else kind
        shown = getattr(wanted, "__name__", str(wanted))
        raise ChestxError(f"{name} = {value!r} does not fit: it takes {shown}")
    least, most = _RANGES.get(name, (0, math.inf))
    if type(value) in (int, float) and not (least <= value <= most and math.isfinite(value)):
        upper = "" if most == math.inf else f" and at most {most}"
        raise ChestxError(f"{name} = {value!r} does not fit: it is at least {least}{upper}")
    return value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # TOML's strings are JSON's, but for one character that only TOML escapes.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return repr(value)
