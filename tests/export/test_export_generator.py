"""What is exported makes the samples of the module's own generator, in every form and at every batch size."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import LATENT, Official, batches_for
from helpers import Batches, fit, make, points, weights
from torch import Tensor, nn

from gan_lightning import DCGAN, R3GAN, SNGAN, GeneratorEMA, ImprovedGAN, InfoDCGAN, ProjectionGAN, VanillaGAN, gan
from gan_lightning.export import export_generator
from gan_lightning.export.formats import FORMS, form_of
from gan_lightning.labels import labels_to_sample

SMALL = {"width_g": 8, "width_d": 8}
IMAGE = {"shape": (1, 8, 8), **SMALL}
GANS = {
    "mlp": lambda: VanillaGAN(shape=(2,), **SMALL),
    "mlp with classes": lambda: VanillaGAN(shape=(2,), num_classes=3, **SMALL),
    "dcgan": lambda: DCGAN(**IMAGE),
    "resnet with spectral norm": lambda: SNGAN(norm_g="spectral", **IMAGE),
    "resnet with classes": lambda: ProjectionGAN(num_classes=3, **IMAGE),
    "r3gan": lambda: R3GAN(**IMAGE),
    "virtual batch norm": lambda: ImprovedGAN(shape=(2,), **SMALL),
    "codes in the latents": lambda: InfoDCGAN(**IMAGE),
}


def inputs_of(module: gan.GAN, n: int) -> tuple[Tensor, ...]:
    label = labels_to_sample(n, None, module.num_classes, module.device)
    return (module.sample_latent(n),) if label is None else (module.sample_latent(n), label)


def own(module: gan.GAN, inputs: tuple[Tensor, ...]) -> Tensor:
    with torch.no_grad():
        return module.eval()(*inputs)


def loaded(file: Path, module: gan.GAN, fresh: Any) -> Any:
    """Return the file as a function, as a user has it who knows nothing of this package's export."""
    if file.suffix == ".pt":
        with pytest.warns(FutureWarning, match="jit"):
            return torch.jit.load(file)
    if file.suffix == ".onnx":
        session = pytest.importorskip("onnxruntime").InferenceSession(file)
        names = [each.name for each in session.get_inputs()]
        return lambda *inputs: torch.from_numpy(
            session.run(None, {name: x.numpy() for name, x in zip(names, inputs, strict=True)})[0]
        )
    network = fresh().generator.eval()
    network.load_state_dict(pytest.importorskip("safetensors.torch").load_file(file))
    return network


@pytest.mark.parametrize("name", GANS)
@pytest.mark.parametrize("format", FORMS)
def test_the_samples_are_those_of_the_generator(name: str, format: str, tmp_path: Path) -> None:
    for package in FORMS[format].needs:
        pytest.importorskip(package)
    module = GANS[name]()
    before, modes = weights(module), [part.training for part in module.modules()]
    exported = export_generator(module, tmp_path / f"g{FORMS[format].suffix}", format)
    assert torch.equal(weights(module), before)
    assert [part.training for part in module.modules()] == modes
    assert exported.difference <= 1e-5
    assert sorted(file.name for file in tmp_path.iterdir()) == [exported.file.name, exported.card.name]
    call = loaded(exported.file, module, GANS[name])
    for n in (1, 6):
        inputs = inputs_of(module, n)
        with torch.no_grad():
            torch.testing.assert_close(call(*inputs), own(module, inputs), rtol=0, atol=1e-5)


def test_a_module_after_its_fit_gives_the_average(tmp_path: Path) -> None:
    ema = GeneratorEMA(half_life_kimg=0.1)
    fit(module := make(), points(), callbacks=[ema])
    raw = weights(module)
    exported = export_generator(module, tmp_path / "g.pt", "torchscript")
    assert exported.is_average
    assert torch.equal(weights(module), raw)
    z = module.sample_latent(5)
    call = loaded(exported.file, module, None)
    assert torch.equal(call(z), ema.average_model()(z))
    assert not torch.allclose(call(z), module(z))


def test_modules_of_others_say_their_inputs(tmp_path: Path) -> None:
    fit(module := Official(), Batches(*batches_for(Official)))
    with pytest.raises(ValueError, match=r"inputs of generator in Official are not known: give a batch of them, as in"):
        export_generator(module, tmp_path / "g.pt", "torchscript")
    given = export_generator(module, tmp_path / "g.pt", "torchscript", example=torch.randn(1, LATENT))
    module.example_input_array = torch.randn(2, LATENT)
    recorded = export_generator(module, tmp_path / "h.pt", "torchscript", generator="generator")
    z = torch.randn(4, LATENT)
    assert torch.equal(loaded(given.file, module, None)(z), module(z))
    assert torch.equal(loaded(recorded.file, module, None)(z), module(z))


class Noisy(nn.Module):
    """Draws in evaluation mode too, as StyleGAN's noise inputs do."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(LATENT, 2)

    def forward(self, z: Tensor) -> Tensor:
        return self.layer(z) + torch.randn_like(z[:, :2])


class Reads(nn.Module):
    """Looks at its numbers to choose its way, which no trace follows."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(LATENT, 2)

    def forward(self, z: Tensor) -> Tensor:
        return self.layer(z) if len(z) < 5 else -self.layer(z)


class Twice(gan.GAN):
    """Does more than to call its generator."""

    def generate(self, z: Tensor, label: Tensor | None) -> Tensor:
        return 2 * super().generate(z, label)


def test_noise_is_exported_where_it_can_be_drawn_alike(tmp_path: Path) -> None:
    assert export_generator(make(generator=Noisy()), tmp_path / "g.pt", "torchscript").difference == 0
    with pytest.raises(ValueError, match=r"makes other samples, by up to .* draws random numbers in evaluation mode"):
        export_generator(make(generator=Noisy()), tmp_path / "g.onnx", "onnx")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["g.pt", "g.pt.md"]


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        (lambda: make(generator=Reads()), {}, "makes other samples, by up to .*: no file was written"),
        (lambda: make(Twice), {}, "Twice.generate does more than to call its generator"),
        (lambda: make(), {"generator": "nowhere"}, "has no network 'nowhere', set as generator"),
        (lambda: Official(), {"example": torch.randn(2, LATENT + 1)}, "generator cannot be called with inputs"),
        (lambda: Official(), {"example": (torch.randn(2, 4), torch.randn(3))}, "one row per sample"),
    ],
)
def test_what_cannot_be_exported_leaves_no_file(module: Any, arguments: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        export_generator(module(), tmp_path / "g.pt", "torchscript", **arguments)
    assert not list(tmp_path.iterdir())


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    module = make()
    nn.init.constant_(module.generator[0].weight, float("nan"))
    with pytest.raises(ValueError, match="generator makes samples that are not finite"):
        export_generator(module, tmp_path / "g.pt", "torchscript")


def test_a_missing_package_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_lightning.export.formats.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=re.escape("pip install 'gan-lightning[export]'")):
        form_of("onnx")
    with pytest.raises(ValueError, match="format is 'tflite', expected one of torchscript, onnx, safetensors"):
        form_of("tflite")
