"""The command line as a user types it."""

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from lightning.pytorch import LightningDataModule

from gan_lightning import DCGAN, callbacks, compose, data, gans, losses, mixins
from gan_lightning.cli import main
from gan_lightning.gan import GAN

SMALL = ["--model", "DCGAN", "--model.width_d", "4", "--model.width_g", "4", "--data", "Digits"]
QUICK = ["--trainer.max_steps", "2", "--trainer.accelerator", "cpu", "--trainer.enable_progress_bar", "false"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gan-lightning"])


def run(*argv: str) -> None:
    main(argv)


def printed_config(capsys: pytest.CaptureFixture, *argv: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        run("fit", *argv, "--print_config")
    assert end.value.code == 0
    return capsys.readouterr().out


def complaint(capsys: pytest.CaptureFixture, *argv: str) -> str:
    with pytest.raises(SystemExit) as end:
        run(*argv)
    assert end.value.code == 2
    return capsys.readouterr().err.rpartition("gan-lightning: ")[2]


def test_fit_with_a_mixin_then_sample_from_the_checkpoint(capsys: pytest.CaptureFixture) -> None:
    run("fit", *SMALL, "--with", "R1", "--model.r1_gamma", "1", *QUICK)
    folder = Path("lightning_logs/version_0")
    saved = yaml.safe_load((folder / "config.yaml").read_text())
    assert saved["model"]["class_path"] == "gan_lightning.compose.R1__DCGAN"
    (checkpoint,) = (folder / "checkpoints").glob("*.ckpt")
    kept = torch.load(checkpoint, weights_only=True)
    assert kept["global_step"] == 2
    assert tuple(kept["hyper_parameters"]["shape"]) == (1, 8, 8)

    back = compose.R1__DCGAN.load_from_checkpoint(checkpoint, weights_only=True)
    run("sample", "--ckpt_path", str(checkpoint), "--num", "9", "--seed", "1", "--out", "a/samples.npz")
    samples = np.load("a/samples.npz")["samples"]
    assert samples.shape == (9, 1, 8, 8)
    np.testing.assert_array_equal(samples, back.sample(9, seed=1).numpy())
    run("sample", "--ckpt_path", str(checkpoint), "--num", "4", "--out", "b.png", "--columns", "2")
    assert Path("b.png").stat().st_size > 100
    assert "9 samples: a/samples.npz" in capsys.readouterr().out


def test_a_second_run_has_its_own_folder_and_full_configuration() -> None:
    for _ in range(2):
        run("fit", *SMALL, *QUICK)
    first, second = (Path(f"lightning_logs/version_{i}/config.yaml").read_text() for i in range(2))
    assert first == second


def test_without_a_logger_a_second_run_is_not_stopped_by_the_first() -> None:
    for width in ("4", "8"):
        run("fit", *SMALL, *QUICK, "--trainer.logger", "false", "--model.width_d", width)
    assert yaml.safe_load(Path("config.yaml").read_text())["model"]["init_args"]["width_d"] == 8


def test_networks_by_name_learn_shape_and_classes_from_the_data() -> None:
    networks = ["--model.generator", "MLPGenerator", "--model.generator.latent_dim", "3"]
    networks += ["--model.discriminator", "MLPDiscriminator", "--model.latent_dim", "3"]
    labelled = ["--data", "GaussianMixture", "--data.labels", "true", "--data.num_modes", "5"]
    run("fit", "--model", "GAN", *networks, *labelled, *QUICK)
    (checkpoint,) = Path("lightning_logs/version_0/checkpoints").glob("*.ckpt")
    back = GAN.load_from_checkpoint(checkpoint, weights_only=True)
    assert back.generator.shape == (2,)
    assert back.num_classes == back.generator.num_classes == back.discriminator.num_classes == 5
    run("sample", "--ckpt_path", str(checkpoint), "--label", "3", "--out", "x.png")


def test_mixins_join_the_model_of_a_file_and_keep_its_arguments(capsys: pytest.CaptureFixture) -> None:
    Path("c.yaml").write_text("model: {class_path: DCGAN, init_args: {width_d: 7}}\ndata: Digits\n")
    config = yaml.safe_load(printed_config(capsys, "--config", "c.yaml", "--with", "R1", "--model.r1_every", "4"))
    assert config["model"]["class_path"] == "gan_lightning.compose.R1__DCGAN"
    assert config["model"]["init_args"]["width_d"] == 7
    assert config["model"]["init_args"]["r1_every"] == 4


MODELS = {
    **{name: ["--model", name] for name in gans.__all__},
    **{f"{name} mixin": ["--model", "DCGAN", "--with", name] for name in mixins.__all__},
    **{
        f"{pair} pair": f"--model GAN --model.generator {pair}Generator --model.generator.latent_dim 9 "
        f"--model.discriminator {pair}Discriminator".split()
        for pair in ("MLP", "DCGAN")
    },
    **{
        f"{name} loss": ["--model", "DCGAN", "--model.loss", name]
        for name in losses.__all__
        if inspect.isclass(getattr(losses, name)) and not inspect.isabstract(getattr(losses, name))
    },
    "scheduler": ["--model", "DCGAN", "--model.scheduler_d", "StepLR", "--model.scheduler_d.step_size", "3"],
}
# InMemory is abstract, and TensorData takes tensors, which no configuration holds.
DATA = [
    name
    for name in data.__all__
    if inspect.isclass(getattr(data, name))
    and issubclass(getattr(data, name), LightningDataModule)
    and name not in ("InMemory", "TensorData")
]


@pytest.mark.parametrize("model", MODELS)
def test_the_configuration_of_every_model_round_trips(model: str, capsys: pytest.CaptureFixture) -> None:
    first = printed_config(capsys, *MODELS[model], "--data", "Digits")
    Path("printed.yaml").write_text(first)
    assert printed_config(capsys, "--config", "printed.yaml") == first


@pytest.mark.parametrize("name", DATA)
def test_the_configuration_of_every_data_module_round_trips(name: str, capsys: pytest.CaptureFixture) -> None:
    root = ["--data.root", "."] if name == "ImageFolder" else []
    first = printed_config(capsys, "--model", "DCGAN", "--data", name, *root)
    Path("printed.yaml").write_text(first)
    assert printed_config(capsys, "--config", "printed.yaml") == first


@pytest.mark.parametrize("name", callbacks.__all__)
def test_the_configuration_of_every_callback_round_trips(name: str, capsys: pytest.CaptureFixture) -> None:
    first = printed_config(capsys, *SMALL, f"--trainer.callbacks+={name}")
    Path("printed.yaml").write_text(first)
    assert f".{name}\n" in first
    assert printed_config(capsys, "--config", "printed.yaml") == first


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["fit", "--model", "DCGANN"], "there is no class 'DCGANN' for model; did you mean 'DCGAN'?"),
        (["fit", "--model", "dcgan"], "there is no class 'dcgan' for model; did you mean 'DCGAN'?"),
        (["fit", "--model", "DCGAN", "--data", "Digitz"], "no class 'Digitz' for data; did you mean 'Digits'?"),
        (["fit", *SMALL, "--with", "R11"], "no GAN or mixin is named 'R11': did you mean 'R1'?"),
        (["fit", *SMALL, "--with"], "--with needs at least one mixin"),
        (["fit", "--with", "R1"], "name one by --model"),
        (["fit", *SMALL, "--with", "R1", "--model.r1_gama", "3"], "no argument 'r1_gama'; did you mean 'r1_gamma'?"),
        (["fit", *SMALL, "--data.batchsize", "3"], "Digits has no argument 'batchsize'; did you mean 'batch_size'?"),
        (["fit", *SMALL, "--model.latent_dim", "x"], "model.latent_dim: expected int, got x"),
        (["fit", "--modle", "DCGAN"], "there is no option --modle; did you mean '--model'?"),
        (
            ["fit", *SMALL, "--trainer.max_stepz", "3"],
            "no option --trainer.max_stepz; did you mean '--trainer.max_steps'?",
        ),
        (["fitt"], "there is no command 'fitt'; did you mean 'fit'?"),
        (["fit", "--model", "GAN", "--data", "Digits"], "model still needs generator, discriminator"),
        (["repotr"], "there is no command 'repotr'; did you mean 'report'?"),
        (["export"], "the command still needs --ckpt_path"),
        ([], "choose a command: fit, validate, sample, export, diagnose or report"),
        (["fit", "--mod", "DCGAN"], "there is no option --mod; did you mean '--model'?"),
        (["fit", *SMALL, "--model.optimizer_g", "SDG"], "no class 'SDG' for model.optimizer_g; did you mean 'SGD'?"),
        (["fit", *SMALL, "--model.optimizer_d.lrr", "1"], "AdamGAN has no argument 'lrr'; did you mean 'lr'?"),
        (["fit", *SMALL, "--model.scheduler_d", "StepLR"], "model.scheduler_d still needs step_size"),
        (["fit", *SMALL, "--model.loss", "Hing"], "no class 'Hing' for model.loss; did you mean 'Hinge'?"),
        (["fit", *SMALL, "--model.loss", "Hinge", "--model.loss.a", "1"], "Hinge has no argument 'a'; there are none"),
        (["fit", *SMALL, "--seed_everything", "abc"], "seed_everything: expected bool or int, got abc"),
        (["fit", *SMALL, "--trainer.callbacks+=SampleGird"], "for trainer.callbacks; did you mean 'SampleGrid'?"),
        (["fit", *SMALL, "--data.size", "3"], "size"),
        (["fit", *SMALL, "--model.width_d", "-3"], "width is -3, expected at least 1"),
        (["fit", *SMALL, "--model.latent_dim", "0"], "latent_dim is 0, expected at least 1"),
        (["fit", *SMALL, "--with", "R1", "--model.r1_gamma=-1"], "expected r1_gamma >= 0"),
        (["fit", "--model", "DCGAN", "--data", "GaussianMixture"], "(2,)"),
        (["fit", "--model", "DCGAN", "--data", "ImageFolder", "--data.root", "nowhere"], "nowhere"),
        (["fit", *SMALL, *QUICK, "--ckpt_path", "nope.ckpt"], "nope.ckpt"),
        (
            ["fit", *SMALL, *QUICK, "--model.num_classes", "10"],
            "yield [samples, labels] (labels=True in",
        ),
        (
            ["fit", *SMALL, *QUICK, "--model.shape", "[3,9,9]"],
            "shape (3, 9, 9), the data have (1, 8, 8)",
        ),
        (["fit", *SMALL, *QUICK, "--trainer.gradient_clip_val", "1"], "not supported for manual optimization"),
        (["validate", *SMALL], "the data hold nothing out: set --data.val_fraction"),
        (["sample", "--ckpt_path", "no.ckpt", "--columns", "0"], "--columns must be at least 1, got 0"),
        (["sample", "--ckpt_path", "no.ckpt"], "there is no checkpoint 'no.ckpt'"),
        (["sample", "--ckpt_path", "no.ckpt", "--out", "x.gif"], "--out must end in .png or .npz, got 'x.gif'"),
    ],
)
def test_a_mistake_ends_with_what_was_wrong_and_the_nearest_name(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture
) -> None:
    assert sentence in complaint(capsys, *argv)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model: DCGANN", "there is no class 'DCGANN'"),
        ("model: {class_path: gan_lightning.compose.R3__DCGAN}", "no GAN or mixin is named 'R3'"),
        (
            "model: {class_path: DCGAN, init_args: {widht_d: 3}}",
            "DCGAN has no argument 'widht_d'; did you mean 'width_d'?",
        ),
        ("modle: DCGAN", "there is no option --modle; did you mean '--model'?"),
        ("model: {class_path: DCGAN", "expected ',' or '}'"),
        ("trainer: {max_stps: 3}", "there is no option --trainer.max_stps; did you mean '--trainer.max_steps'?"),
    ],
)
def test_a_mistake_in_a_file_likewise(text: str, sentence: str, capsys: pytest.CaptureFixture) -> None:
    Path("c.yaml").write_text(text)
    assert sentence in complaint(capsys, "fit", "--config", "c.yaml", "--data", "Digits")


def test_a_checkpoint_from_python_says_how_to_load_it(capsys: pytest.CaptureFixture) -> None:
    from helpers import fit, make

    fit(make()).save_checkpoint("x.ckpt")
    assert "load_from_checkpoint(path, generator=..., discriminator=...)" in complaint(
        capsys, "sample", "--ckpt_path", "x.ckpt"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"junk", "no checkpoint"), (b"", "cut off after 0 bytes"), (b"PK\x03\x04end", "cut off after 7 bytes")],
)
def test_what_is_no_checkpoint(content: bytes, what: str, capsys: pytest.CaptureFixture) -> None:
    Path("x.ckpt").write_bytes(content)
    assert f"'x.ckpt' is {what}" in complaint(capsys, "sample", "--ckpt_path", "x.ckpt")


def test_a_tensor_is_no_checkpoint(capsys: pytest.CaptureFixture) -> None:
    torch.save(torch.zeros(3), "x.ckpt")
    assert "it holds a Tensor" in complaint(capsys, "sample", "--ckpt_path", "x.ckpt")


def test_mixins_in_every_notation(capsys: pytest.CaptureFixture) -> None:
    for argv in (["--with=R1"], ["--with", "R1"]):
        config = yaml.safe_load(printed_config(capsys, *SMALL, *argv))
        assert config["model"]["class_path"] == "gan_lightning.compose.R1__DCGAN"
    assert "duplicate base class" in complaint(capsys, "fit", *SMALL, "--with", "R1", "--with", "R1")


class Breaks(GAN):
    """Fails in the middle of training."""

    def d_terms(self, step):
        if self.iteration == 1:
            raise ValueError("a bug in a technique")
        return super().d_terms(step)


def test_what_breaks_in_training_keeps_its_traceback() -> None:
    with pytest.raises(ValueError, match="a bug in a technique"):
        run("fit", *SMALL, "--with", "Breaks", *QUICK)


def test_help_names_all_commands(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        run("--help")
    help_text = capsys.readouterr().out
    assert all(command in help_text for command in ("fit", "validate", "sample", "--with"))


def test_resuming_by_the_command_line_goes_on() -> None:
    run("fit", *SMALL, *QUICK)
    (checkpoint,) = Path("lightning_logs/version_0/checkpoints").glob("*.ckpt")
    run("fit", *SMALL, *QUICK, "--trainer.max_steps", "5", "--ckpt_path", str(checkpoint))
    (second,) = Path("lightning_logs/version_1/checkpoints").glob("*.ckpt")
    assert torch.load(second, weights_only=True)["gan_lightning"]["iteration"] == 5
    assert DCGAN.load_from_checkpoint(second, weights_only=True).iteration == 5
