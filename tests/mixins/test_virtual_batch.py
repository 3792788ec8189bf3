"""Virtual batch norm in a GAN: which reference is chosen, when, and that it stays."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from helpers import LATENT, Batches, fit, make, points, trainer
from techniques import toy

from gan_lightning import GAN
from gan_lightning.layers import Referenced
from gan_lightning.mixins import InstanceNoise, VirtualBatch
from gan_lightning.networks import MLPDiscriminator, MLPGenerator


def gan(players: str = "both", num_classes: int = 0, **arguments: Any) -> GAN:
    torch.manual_seed(1)
    generator = MLPGenerator(LATENT, (2,), num_classes, width=8, norm="batch")
    discriminator = MLPDiscriminator((2,), num_classes, width=8, norm="batch")
    sizes = {"latent_dim": LATENT, "num_classes": num_classes, "virtual_batch_players": players}
    return VirtualBatch(generator, discriminator, **{"virtual_batch_size": 16, **sizes, **arguments})


def test_a_sample_does_not_depend_on_its_batch_mates_while_it_trains() -> None:
    module = gan()
    fit(module)
    z, x = torch.randn(6, LATENT), torch.randn(6, 2)
    module.train()
    torch.testing.assert_close(module.generate(z, None)[:2], module.generate(z[:2], None))
    torch.testing.assert_close(module.critique(x, None).logits[:2], module.critique(x[:2], None).logits)


def test_the_references_are_a_draw_of_latents_and_the_first_real_batch() -> None:
    module, data = gan(virtual_batch_size=6), points()
    fit(module, data)
    (latents,), (real,) = module.generator.reference, module.discriminator.reference
    torch.manual_seed(2)  # from which helpers.fit starts
    assert torch.equal(latents, torch.randn(6, LATENT))
    assert torch.equal(real, data.batches[0][:6])


def test_the_discriminators_reference_is_not_augmented() -> None:
    """Noise that is annealed away would stay in the statistics for good."""
    torch.manual_seed(1)
    noisy = type("Noisy", (InstanceNoise, VirtualBatch), {})
    networks = MLPGenerator(LATENT, (2,), width=8), MLPDiscriminator((2,), width=8, norm="batch")
    module = noisy(*networks, latent_dim=LATENT, noise_std=1.0, virtual_batch_players="d")
    data = points()
    fit(module, data)
    assert torch.equal(module.discriminator.reference[0], data.batches[0])


def test_held_out_data_are_no_reference() -> None:
    module, data = gan("d"), points()
    torch.manual_seed(2)
    trainer(num_sanity_val_steps=1).fit(module, data, points(seed=1))
    assert torch.equal(module.discriminator.reference[0], data.batches[0])


def test_the_reference_stays_through_a_second_fit_and_a_plain_load() -> None:
    module = gan()
    fit(module)
    kept = [*module.generator.reference, *module.discriminator.reference]
    again = gan()
    again.load_state_dict(module.state_dict())
    for other in (module, again):
        fit(other, points(seed=5), seed=7)
        assert all(map(torch.equal, kept, [*other.generator.reference, *other.discriminator.reference]))


def test_labels_of_the_generators_reference_cycle() -> None:
    module = gan(num_classes=3, virtual_batch_size=5)
    fit(module, Batches(*([x, torch.arange(8) % 3] for x in points().batches)))
    assert module.generator.reference[1].tolist() == [0, 1, 2, 0, 1]
    assert module.discriminator.reference[1].tolist() == [0, 1, 2, 0, 1]


def test_the_users_prior_makes_the_reference() -> None:
    class Uniform(VirtualBatch):
        def sample_latent(self, n: int) -> torch.Tensor:
            return 5 + super().sample_latent(n).sigmoid()

    module = make(Uniform, generator=MLPGenerator(LATENT, (2,), norm="batch"))
    fit(module)
    assert module.generator.reference[0].min() > 5


def test_an_untrained_module_samples_and_keeps_the_names_of_its_state() -> None:
    """Callbacks copy the generator before it is fitted, and fill the copy later."""
    module = gan("g")
    names = list(module.state_dict())
    together = module.sample(5, seed=0)
    assert torch.equal(together, module.sample(5, seed=0))
    fit(module)
    assert list(module.state_dict()) == names


def test_building_it_draws_no_random_numbers() -> None:
    networks = MLPGenerator(LATENT, (2,), norm="batch"), MLPDiscriminator((2,))
    state = torch.get_rng_state()
    VirtualBatch(*networks, latent_dim=LATENT)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(("players", "wrapped"), [("g", (True, False)), ("d", (False, True)), ("both", (True, True))])
def test_only_the_chosen_players_are_wrapped(players: str, wrapped: tuple[bool, bool]) -> None:
    module = gan(players)
    assert (isinstance(module.generator, Referenced), isinstance(module.discriminator, Referenced)) == wrapped


def test_gradients_train_through_the_reference() -> None:
    """With the statistics detached, the generator would train to other weights."""

    class Detached(VirtualBatch):
        def generate(self, z: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
            for layer in self.generator._layers:
                layer._read = without_graph(layer)
            return super().generate(z, label)

    def without_graph(layer: Any) -> Callable[[torch.Tensor], Any]:
        def read(x: torch.Tensor) -> Any:
            statistics = type(layer)._read(layer, x)
            mean, variance, count = layer._reference
            layer._reference = mean.detach(), variance.detach(), count
            return statistics

        return read

    whole, detached = toy(VirtualBatch), toy(Detached, norm_g="batch")
    fit(whole)
    fit(detached)
    assert not torch.allclose(whole.sample(4, seed=0), detached.sample(4, seed=0))


def test_a_player_without_batch_norm_is_an_error() -> None:
    with pytest.raises(ValueError, match="holds no virtual batch normalisation"):
        make(VirtualBatch)


@pytest.mark.parametrize("arguments", [{"virtual_batch_size": 1}, {"players": "all"}])
def test_bad_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected virtual_batch_players among none, g, d, both and"):
        gan(**arguments)
