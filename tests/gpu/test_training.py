"""On a GPU the same is computed as on a CPU, also compiled, with graphs, and channels last."""

from typing import Any

import pytest
import torch
from helpers import Batches, fit, mlp, points, weights
from torch import Tensor

from gan_lightning import GAN, R1, R2, FiniteDifferencePenalty, LeCam
from gan_lightning.networks import DCGANDiscriminator, DCGANGenerator

pytestmark = pytest.mark.gpu

CASES: dict[str, tuple[type[GAN], dict[str, Any]]] = {
    "plain": (GAN, {}),
    "slopes": (type("Slopes", (R1, R2), {}), {"r1_gamma": 1.0, "r2_gamma": 1.0}),
    "lazy slope": (R1, {"r1_gamma": 1.0, "r1_every": 2}),
    "running means": (LeCam, {"lecam_weight": 0.1}),
    "differences": (FiniteDifferencePenalty, {"fd_r1_gamma": 1.0}),
    "micro-batches, clipped": (GAN, {"micro_batches_d": 2, "micro_batches_g": 2, "clip_d": 0.1, "clip_g": 0.1}),
    "two discriminator updates": (GAN, {"d_steps": 2}),
}


def drawing_on_the_cpu(cls: type[GAN]) -> type[GAN]:
    """Return the GAN with all random numbers drawn on the CPU, for a GPU draws others."""

    class DrawsOnTheCPU(cls):
        def on_train_start(self) -> None:
            super().on_train_start()
            self.trained_on = self.device.type

        def sample_latent(self, n: int) -> Tensor:
            return torch.randn(n, self.latent_dim, dtype=self.dtype).to(self.device)

        def draw(self, sampler, like, *shape):
            own = super().draw(sampler, like.cpu(), *shape)
            return own.to(like.device)

    return DrawsOnTheCPU


def trained(cls: type[GAN], accelerator: str, data: Batches, networks: Any, **arguments: Any) -> tuple[GAN, Tensor]:
    """Train in float64, so that Adam's first steps do not turn rounding errors into weights."""
    options = {name: arguments.pop(name) for name in ("precision",) if name in arguments}
    torch.manual_seed(1)
    gan = drawing_on_the_cpu(cls)(*networks(), latent_dim=4, **arguments)
    fit(gan, data, accelerator=accelerator, **{"precision": "64-true", **options})
    return gan, weights(gan).cpu()


def on_points() -> Any:
    return mlp(4, 2), mlp(2, 1)


def on_images() -> Any:
    return DCGANGenerator(4, (3, 16, 16), width=8), DCGANDiscriminator((3, 16, 16), width=8)


def without_batch_norm() -> Any:
    return on_images()[0], DCGANDiscriminator((3, 16, 16), width=8, norm="none")


def images() -> Batches:
    generator = torch.Generator().manual_seed(0)
    return Batches(*(2 * torch.rand(4, 8, 3, 16, 16, generator=generator, dtype=torch.float64) - 1))


@pytest.mark.parametrize("case", CASES)
def test_a_gpu_trains_as_a_cpu(case: str) -> None:
    cls, arguments = CASES[case]
    data = points(dtype=torch.float64)
    _, expected = trained(cls, "cpu", data, on_points, **arguments)
    gan, got = trained(cls, "cuda", data, on_points, **arguments)
    assert gan.trained_on == "cuda"
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("channels_last", [True, False])
def test_convolutions_and_batch_norm_train_as_on_a_cpu(channels_last: bool) -> None:
    _, expected = trained(GAN, "cpu", images(), on_images, channels_last=False)
    gan, got = trained(GAN, "cuda", images(), on_images, channels_last=channels_last)
    assert gan._wants_channels_last is channels_last
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-7)


def test_real_and_fake_are_judged_in_one_pass() -> None:
    """There, unlike on a CPU, it pays for convolutions too."""
    gan, _ = trained(GAN, "cuda", images(), without_batch_norm)
    assert gan._joint_size == 8
    gan, _ = trained(GAN, "cuda", images(), on_images)
    assert gan._joint_size == 0


@pytest.mark.filterwarnings("ignore")  # of torch's compiler about itself
@pytest.mark.parametrize("options", [True, {"mode": "reduce-overhead"}], ids=["inductor", "graphs"])
@pytest.mark.parametrize("case", ["plain", "lazy slope", "running means", "two discriminator updates"])
def test_compiled_networks_train_alike(case: str, options: Any) -> None:
    """In float32, which is what is compiled in practice; a graph must not give one batch's numbers to another."""
    cls, arguments = CASES[case]
    gentle = {"optimizer_d": torch.optim.SGD, "optimizer_g": torch.optim.SGD}  # no rounding error becomes a step
    data = points(batches=12)
    _, expected = trained(cls, "cuda", data, on_points, precision="32-true", **arguments, **gentle)
    gan, got = trained(cls, "cuda", data, on_points, precision="32-true", compile=options, **arguments, **gentle)
    assert gan._compiled
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-6)
    assert gan.sample(3, seed=0).isfinite().all()
