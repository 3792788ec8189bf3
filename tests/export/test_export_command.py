"""``gan-lightning export`` from a run's checkpoint, its model card, and what the card shows, which runs."""

import json
import re
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from foreign_modules import LATENT, Official, batches_for
from helpers import Batches, fit

from gan_lightning import GeneratorEMA
from gan_lightning.cli import main
from gan_lightning.export import load_generator
from gan_lightning.export.formats import FORMS
from gan_lightning.health.events import FILE, EventFile
from gan_lightning.rebuilt import put_average, read_checkpoint, rebuilt

EMA = ["--trainer.callbacks", "GeneratorEMA", "--trainer.callbacks.half_life_kimg", "0.1"]
FIT = ["fit", "--model", "DCGAN", "--model.width_d", "4", "--model.width_g", "4"]
FIT += ["--data", "Digits", "--data.batch_size", "16"]
QUICK = ["--trainer.max_steps", "3", "--trainer.accelerator", "cpu", "--trainer.enable_progress_bar", "false"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gan-lightning"])


def trained(*options: str) -> Path:
    main([*FIT, *QUICK, *options])
    (checkpoint,) = Path("lightning_logs/version_0/checkpoints").glob("*.ckpt")
    return checkpoint


def export(*argv: str) -> None:
    main(["export", *argv])


def complaint(capsys: pytest.CaptureFixture, *argv: str) -> str:
    with pytest.raises(SystemExit) as end:
        export(*argv)
    assert end.value.code == 2
    return capsys.readouterr().err.rpartition("gan-lightning: ")[2]


def test_the_average_of_a_run_with_its_card(capsys: pytest.CaptureFixture) -> None:
    pytest.importorskip("safetensors")
    checkpoint = trained(*EMA)
    run = checkpoint.parents[1]
    line = {"iteration": 3, "metric": "FID", "values": {"fid": 12.345}, "floors": {"fid": 1.5}, "facts": {"n_fake": 64}}
    (run / "metrics.jsonl").write_text(json.dumps({**line, "iteration": 1}) + "\n" + json.dumps(line) + '\n{"cut')
    events = EventFile(run / FILE, "HealthMonitor")
    events.write("verdict", 2, kind="mode_collapse", severity="failure", onset=1)
    events.write("verdict", 2, kind="oscillation", severity="warning", onset=2)
    events.write("over", 3, kind="oscillation", onset=2)

    for format, suffix in (("torchscript", "pt"), ("safetensors", "safetensors")):
        export("--ckpt_path", str(checkpoint), "--format", format, "--out", f"out/g.{suffix}")
        assert "raw" not in capsys.readouterr().out
    gan = rebuilt(checkpoint)
    z = gan.sample_latent(4)
    raw = gan(z)
    assert put_average(gan.generator, read_checkpoint(checkpoint))
    average = gan(z).detach()
    assert not torch.equal(raw, average)
    assert torch.equal(load_generator("out/g.safetensors")(z), average)
    with pytest.warns(FutureWarning, match="jit"):
        torch.testing.assert_close(torch.jit.load("out/g.pt")(z), average, rtol=0, atol=1e-5)

    card = Path("out/g.safetensors.md").read_text()
    for told in (
        "# Generator of DCGAN",
        "average over the training, by GeneratorEMA",
        sha256(Path("out/g.safetensors").read_bytes()).hexdigest(),
        "| trained | 3 iterations |",
        "| z | (N, 100) | float32 | latents, standard normal |",
        "| samples | (N, 1, 8, 8) | float32 | images in [-1, 1] |",
        "## Data\n\n```yaml\nclass_path: gan_lightning.data.Digits\ninit_args:\n  size: 8\n  batch_size: 16\n",
        "  max_steps: 3\n",
        "| `FID` | fid | 12.35 | 1.5 | 3 |",
        "| mode collapse | failure | 1 | open at the end |",
        "| oscillation | warning | 2 | 3 |",
        f"torch {torch.__version__}",
    ):
        assert told in card, told
    assert "null" not in card


@pytest.mark.parametrize("format", ["torchscript", "onnx", "safetensors"])
def test_what_the_card_shows_runs(format: str, capsys: pytest.CaptureFixture) -> None:
    for package in (*FORMS[format].needs, *(["onnxruntime"] if format == "onnx" else [])):
        pytest.importorskip(package)
    checkpoint = trained("--data.labels", "true")
    capsys.readouterr()
    export("--ckpt_path", str(checkpoint), "--format", format)
    assert "holds no average (GeneratorEMA makes one): the raw one is exported" in capsys.readouterr().out
    (card,) = Path().glob("generator.*.md")
    (snippet,) = re.findall(r"```python\n(.*?)```", card.read_text(), re.DOTALL)
    names: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # torch's own, of TorchScript's end
        exec(snippet, names)
    assert tuple(names["samples"].shape) == (16, 1, 8, 8)


def test_sampling_uses_the_average(capsys: pytest.CaptureFixture) -> None:
    import numpy as np

    checkpoint = trained(*EMA)
    capsys.readouterr()
    main(["sample", "--ckpt_path", str(checkpoint), "--num", "4", "--out", "x.npz", "--seed", "1"])
    assert "4 samples: x.npz (of the averaged generator)" in capsys.readouterr().out
    gan = rebuilt(checkpoint)
    raw = gan.sample(4, seed=1).numpy()
    put_average(gan.generator, read_checkpoint(checkpoint))
    samples = np.load("x.npz")["samples"]
    assert np.array_equal(samples, gan.sample(4, seed=1).numpy())
    assert not np.array_equal(samples, raw)


MINE = """
import torch
from foreign_modules import LATENT, Official


def latents():
    return torch.ones(3, LATENT)


words = "none"
"""


def test_a_module_of_others(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(Path.cwd()))
    ema = GeneratorEMA(half_life_kimg=0.1)
    fit(Official(), Batches(*batches_for(Official)), callbacks=[ema]).save_checkpoint("x.ckpt")
    here = ["--ckpt_path", "x.ckpt"]
    assert "was not trained by the command line" in complaint(capsys, *here)
    named = [*here, "--module", "mine:Official"]
    assert "give a batch of them" in complaint(capsys, *named)
    assert "mine:words is a str, expected a tensor" in complaint(capsys, *named, "--example", "mine:words")
    export(*named, "--example", "mine:latents")
    z = torch.randn(4, LATENT)
    with pytest.warns(FutureWarning, match="jit"):
        assert torch.equal(torch.jit.load("generator.pt")(z), ema.average_model()(z))
    sys.modules.pop("mine")


def test_mistakes_are_told(capsys: pytest.CaptureFixture) -> None:
    assert "there is no checkpoint 'no.ckpt'" in complaint(capsys, "--ckpt_path", "no.ckpt")
    unknown = complaint(capsys, "--ckpt_path", "no.ckpt", "--format", "tflite")
    assert unknown == "format: expected torchscript or onnx or safetensors, got tflite\n"
    checkpoint = trained()
    assert "there is no configuration 'no.yaml'" in complaint(
        capsys, "--ckpt_path", str(checkpoint), "--run_config", "no.yaml"
    )
    named = complaint(capsys, "--ckpt_path", str(checkpoint), "--config", str(checkpoint.parents[1] / "config.yaml"))
    assert "a run's config.yaml goes with export as --run_config" in named
    assert not list(Path().glob("generator*"))


def test_no_place_is_taken_that_is_not_the_generators(capsys: pytest.CaptureFixture) -> None:
    checkpoint = trained()
    before = checkpoint.read_bytes()
    here = ["--ckpt_path", str(checkpoint)]
    assert "is the file to export from" in complaint(capsys, *here, "--out", str(checkpoint))
    assert checkpoint.read_bytes() == before
    Path("folder").mkdir()
    assert "'folder' is a folder: name a file in it, such as" in complaint(capsys, *here, "--out", "folder")
    assert "ends as torchscript does: take .onnx" in complaint(capsys, *here, "--format", "onnx", "--out", "g.pt")
    assert not Path("g.pt").exists()
