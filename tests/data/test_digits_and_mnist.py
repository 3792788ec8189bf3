import gzip
import os
import shutil
from pathlib import Path

import pytest
import torch
import torchvision

from gan_lightning.data import MNIST, Digits
from gan_lightning.data.resize import resize

DATA = Path(os.environ.get("GAN_LIGHTNING_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
RAW = DATA / "mnist" / "MNIST" / "raw"
real_files = pytest.mark.skipif(not RAW.is_dir(), reason=f"no MNIST files in {RAW}; set GAN_LIGHTNING_DATA")


def idx(dims, values):
    return bytes([0, 0, 8, len(dims)]) + b"".join(n.to_bytes(4, "big") for n in dims) + bytes(values)


@pytest.fixture
def folder(tmp_path):
    """Five images of constant grey, 0 to 4, in the test split's files."""
    pixels = [grey for grey in range(5) for _ in range(28 * 28)]
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx([5, 28, 28], pixels))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx([5], range(5))))
    return tmp_path


def test_digits_are_the_1797_in_the_unit_range():
    images, labels = Digits().load()
    assert images.shape == (1797, 1, 8, 8)
    assert images.unique().tolist() == [k / 8 - 1 for k in range(17)]
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert Digits().num_classes == 0


def test_digits_resized():
    data = Digits(size=16, labels=True)
    images, _ = data.load()
    assert images.shape == (1797, *data.shape)
    assert images.min() >= -1
    assert images.max() <= 1
    # Means agree: the interpolation weights sum to one, only the clamp moves them a little.
    assert abs(images.mean() - Digits().load()[0].mean()) < 0.02


def test_resize_keeps_constants_bytes_and_native_size():
    images = torch.full((3, 1, 28, 28), 200, dtype=torch.uint8)
    assert resize(images, 32, 0, 255).unique().tolist() == [200]
    assert resize(images, 28, 0, 255) is images


def test_resize_does_not_alias():
    stripes = torch.arange(32).remainder(2).float().expand(1, 1, 32, 32)
    assert (resize(stripes, 8, 0.0, 1.0)[..., 2:-2] - 0.5).abs().max() < 0.05


@pytest.mark.parametrize("make", [Digits, MNIST])
def test_size_is_checked(make):
    with pytest.raises(ValueError, match="size must be at least 1 pixel, got 0"):
        make(size=0)


@real_files
@pytest.mark.parametrize("root", [DATA / "mnist", RAW])
def test_the_real_test_set(root):
    data = MNIST(str(root), split="test", labels=True)
    data.prepare_data()
    images, labels = data.load()
    assert images.shape == (10_000, 1, 28, 28)
    assert labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
    data.setup()
    batch, _ = next(iter(data.train_dataloader()))
    assert batch.shape == (64, 1, 28, 28)
    assert (batch.min(), batch.max()) == (-1, 1)


@real_files
def test_the_real_test_set_resized():
    images, _ = MNIST(str(RAW), split="test", size=32).load()
    assert images.shape == (10_000, 1, 32, 32)
    assert images.dtype == torch.uint8


def test_plain_and_packed_files_in_the_root(folder):
    images, labels = MNIST(str(folder), split="test").load()
    assert images[:, 0, 0, 0].tolist() == labels.tolist() == [0, 1, 2, 3, 4]


def test_missing_files_offline(tmp_path, monkeypatch):
    def offline(*args, **kwargs):
        raise RuntimeError("no network")

    monkeypatch.setattr(torchvision.datasets, "MNIST", offline)
    with pytest.raises(FileNotFoundError) as caught:
        MNIST(str(tmp_path)).prepare_data()
    for part in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", str(tmp_path / "MNIST" / "raw"), "no network",
                 "copy the files there", "download=True"):  # fmt: skip
        assert part in str(caught.value)
    with pytest.raises(FileNotFoundError, match="download=False forbids"):
        MNIST(str(tmp_path), download=False).prepare_data()
    with pytest.raises(FileNotFoundError, match=r"prepare_data\(\) has not fetched them"):
        MNIST(str(tmp_path)).setup()
    with pytest.raises(ValueError, match="split must be 'train' or 'test', got 'val'"):
        MNIST(split="val")


def test_prepare_data_downloads_what_is_missing(folder, tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for file in folder.glob("t10k*"):
        shutil.move(file, source)

    def download(root, train, download):
        assert (root, train, download) == (str(target), False, True)
        shutil.copytree(source, target / "MNIST" / "raw")

    monkeypatch.setattr(torchvision.datasets, "MNIST", download)
    data = MNIST(str(target), split="test", batch_size=5)
    data.prepare_data()
    data.setup()
    data.prepare_data()  # nothing is missing now: a second download would fail
    assert len(data.train_dataloader()) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an IDX file of bytes with 3 dimensions: it begins with , expected 00 00 08 03"),
        (b"<html>", "it begins with 3c 68 74 6d, expected 00 00 08 03"),
        (idx([5], range(5)), "it begins with 00 00 08 01"),
        (idx([5, 28, 28], range(200)), "has 216 bytes, expected 3936 for 5 x 28 x 28 values: fetch it again"),
        (idx([5, 28, 28], [])[:7], "has 7 bytes, expected"),
        (gzip.compress(idx([5, 28, 28], range(200)))[:-9], "is a broken gzip file"),
        (idx([1, 2, 2], range(4)), r"images of \(2, 2\) pixels, expected \(28, 28\)"),
        (idx([1, 28, 28], [0] * 784), "holds 1 images, .*t10k-labels-idx1-ubyte.gz 5 labels"),
    ],
)
def test_broken_files_are_named(folder, content, message):
    (folder / "t10k-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match=f"t10k-images-idx3-ubyte.*{message}"):
        MNIST(str(folder), split="test").setup()
