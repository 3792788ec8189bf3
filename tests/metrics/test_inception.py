"""Inception around torch-fidelity's network, with weights drawn here: they need not be downloaded for this."""

from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch_fidelity import feature_extractor_inceptionv3 as theirs

from gan_lightning.metrics import FID, Inception


@pytest.fixture(scope="module")
def inception() -> Inception:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theirs.FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None)
        patch.setattr(theirs, "load_state_dict_from_url", lambda *_, **__: {})
        torch.manual_seed(0)
        return Inception()


def test_vectors_are_those_of_torch_fidelity(inception: Inception) -> None:
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    expected = inception.network(images)[0]
    assert expected.shape == (2, 2048)
    torch.testing.assert_close(inception(images / 127.5 - 1), expected, rtol=0, atol=0)


def test_grey_images_are_repeated(inception: Inception) -> None:
    grey = torch.rand(2, 1, 16, 16) * 2 - 1
    assert torch.equal(inception(grey), inception(grey.expand(-1, 3, -1, -1)))


def test_details_say_what_embeds_and_how_it_resizes(inception: Inception) -> None:
    details = FID(inception).details
    assert details["embedder"] == "inception-v3-compat"
    assert "TensorFlow 1" in details["resize"]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (torch.zeros(2, 3, 8, 8, dtype=torch.uint8), "scale bytes"),
        (torch.full((2, 3, 8, 8), 200.0), r"got values in \[200, 200\]"),
        (torch.zeros(2, 4, 8, 8), "1 or 3"),
        (torch.full((2, 3, 8, 8), torch.nan), "got values in"),
    ],
    ids=["bytes", "0..255", "channels", "NaN"],
)
def test_images_of_another_kind_are_refused(inception: Inception, images: torch.Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        inception(images)


def test_no_network_and_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(theirs, "load_state_dict_from_url", unreachable)
    with pytest.raises(ConnectionError, match=r"no route to host.*pass weights="):
        Inception()
    with pytest.raises(FileNotFoundError, match=r"weights\.pth"):
        Inception(tmp_path / "weights.pth")
