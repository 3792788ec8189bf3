"""A file that is cut off, is no checkpoint or holds code is refused, and nothing of it is run."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import LATENT, fit, make, mlp, trainer

from gan_lightning import GAN
from gan_lightning.cli import main
from gan_lightning.cli.sample import sample as sample_from


class Code:
    """Leaves a file where it is loaded."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("it ran",)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    fit(make()).save_checkpoint(tmp_path / "x.ckpt")
    return tmp_path / "x.ckpt"


def load(file: Any, **arguments: Any) -> GAN:
    networks = {"generator": mlp(LATENT, 2), "discriminator": mlp(2, 1)}
    return GAN.load_from_checkpoint(file, **networks, **arguments)


def resume(file: Path) -> None:
    trainer(max_epochs=2).fit(make(), ckpt_path=file)


def validate(file: Path) -> None:
    trainer().validate(make(), torch.utils.data.DataLoader(torch.randn(8, 2), 8), ckpt_path=file, verbose=False)


def sample(file: Path) -> None:
    sample_from(str(file))


WAYS = {"fit": resume, "validate": validate, "load": load, "sample": sample}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", [0.0, 0.0001, 0.01, 0.5, 0.9999])
def test_a_file_that_is_cut_off_names_those_that_are_not(share: float, way: str, saved: Path) -> None:
    content = saved.read_bytes()
    left = int(share * len(content))
    for age, name in enumerate(("b.ckpt", "a.ckpt")):
        (saved.parent / name).write_bytes(content)
        os.utime(saved.parent / name, (1e9 - age, 1e9 - age))
    saved.write_bytes(content[:left])
    (saved.parent / "c.ckpt").write_bytes(content[:100])
    whole = r"'\S+b\.ckpt', '\S+a\.ckpt'$"
    with pytest.raises(ValueError, match=rf"x\.ckpt' is cut off after {left} bytes; whole ones beside it.*: {whole}"):
        WAYS[way](saved)


@pytest.mark.parametrize("content", [b"junk", b"<html></html>", bytes(1000)])
def test_what_is_no_checkpoint(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.ckpt").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.ckpt' is no checkpoint; there is none beside it"):
        load(tmp_path / "x.ckpt")


FORMS = {
    "zip": torch.save,
    "legacy": lambda content, file: torch.save(content, file, _use_new_zipfile_serialization=False),
    "pickle": lambda content, file: file.write_bytes(pickle.dumps(content, 2)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_code_in_a_file_is_not_run(form: str, way: str, saved: Path) -> None:
    content = torch.load(saved, weights_only=True)
    FORMS[form]({**(content if form != "pickle" else {}), "callbacks": Code()}, saved)
    with pytest.raises(pickle.UnpicklingError, match=r"is refused: .*asks for posix\.mkdir.*weights_only=False"):
        WAYS[way](saved)
    assert not Path("it ran").exists()


def test_it_would_have_run(saved: Path) -> None:
    """Else the test above could not fail. Who trusts the file may do so."""
    torch.save({**torch.load(saved, weights_only=True), "more": Code()}, saved)
    load(saved, weights_only=False)
    assert Path("it ran").exists()


def test_the_command_line_says_it_in_a_sentence(saved: Path, capsys: pytest.CaptureFixture) -> None:
    torch.save({**torch.load(saved, weights_only=True), "more": Code()}, saved)
    model = ["--model", "DCGAN", "--model.width_d", "4", "--model.width_g", "4", "--data", "Digits"]
    with pytest.raises(SystemExit) as end:
        main(["fit", *model, "--trainer.accelerator", "cpu", "--ckpt_path", str(saved)])
    told = capsys.readouterr().err
    assert (end.value.code, "is refused: it holds more than" in told, "Traceback" in told) == (2, True, False)
    assert not Path("it ran").exists()


def test_a_checkpoint_from_the_web_is_plain_data_too(monkeypatch: pytest.MonkeyPatch, saved: Path) -> None:
    """Lightning alone would load it with everything in it."""
    asked = []

    def download(url: str, map_location: Any, weights_only: bool) -> Any:
        asked.append(weights_only)
        return torch.load(saved, weights_only=True)

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", download)
    load("https://example.org/x.ckpt")
    load("https://example.org/x.ckpt", weights_only=None)
    assert asked == [True, True]


def test_a_file_that_is_not_there_is_another_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "x.ckpt")
    with pytest.raises(TypeError, match="cannot be called on an instance"):
        make().load_from_checkpoint(tmp_path / "x.ckpt")
