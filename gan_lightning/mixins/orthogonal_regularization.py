"""OrthogonalRegularization: push the filters of each layer to be orthogonal, whatever their length.

Paper: Brock, Donahue, Simonyan 2019, section 3.1, equation 3, https://arxiv.org/abs/1809.11096
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvTransposeNd

from gan_lightning.distributed import whole
from gan_lightning.functional import filters_of, off_diagonal_gram
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms

Layers = list[tuple[nn.Parameter, int]]
"""Weights with their ``transposed_groups``, as ``filters_of`` reads them."""


class OrthogonalRegularization(GAN):
    """Add ``weight * sum |W^T W * (1 - I)|_F^2`` over a player's layers to its loss; W has a filter per column.

    BigGAN uses it on the generator, which then keeps to the truncation trick: samples from the middle of the prior
    stay good. It takes all parameters with two or more dimensions, but for embeddings and for layers with one filter
    or with one entry per filter. Under spectral norm it acts on the weight before the division.

    Hooks: ``d_terms`` and ``g_terms`` add ``orthogonal``, ``on_fit_start``. Neutral: ``orthogonal_g=0``,
    ``orthogonal_d=0``. Cost: one product per layer, of its weight with itself.

    Args:
        orthogonal_g: strength in the generator, 0 or more; the paper uses 1e-4.
        orthogonal_d: strength in the discriminator, 0 or more; the paper uses 0.

    Raises:
        ValueError: if one is below 0, or, at the start of a fit, that player has no layer to act on.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> OrthogonalRegularization(*networks, latent_dim=8).orthogonal_g
        0.0001
    """

    def __init__(self, *args: Any, orthogonal_g: float = 1e-4, orthogonal_d: float = 0.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if orthogonal_g < 0 or orthogonal_d < 0:
            raise ValueError(f"expected orthogonal_g >= 0 and orthogonal_d >= 0, got {orthogonal_g} and {orthogonal_d}")
        self.orthogonal_g, self.orthogonal_d = orthogonal_g, orthogonal_d
        self._orthogonal_layers: dict[str, Layers] = {}

    def on_fit_start(self) -> None:
        super().on_fit_start()
        self._orthogonal_layers = {"g": _layers_of(self.generator), "d": _layers_of(self.discriminator)}
        for player, strength in (("g", self.orthogonal_g), ("d", self.orthogonal_d)):
            if strength and not self._orthogonal_layers[player]:
                raise ValueError(
                    f"orthogonal_{player}={strength} has no effect: player {player!r} has no layer with several "
                    "filters of several entries; set it to 0"
                )

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        return terms.add("orthogonal", self._overlap("d", self.orthogonal_d)) if self.orthogonal_d else terms

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        return terms.add("orthogonal", self._overlap("g", self.orthogonal_g)) if self.orthogonal_g else terms

    def _overlap(self, player: str, strength: float) -> Tensor:
        layers = self._orthogonal_layers[player]
        overlaps = [off_diagonal_gram(filters_of(whole(weight), groups)) for weight, groups in layers]
        return strength * torch.stack(overlaps).sum()


def _layers_of(network: nn.Module) -> Layers:
    """Find the weights whose filters can be orthogonal; those under a parametrization belong to its layer."""
    embeddings: set[nn.Parameter] = set()
    groups: dict[nn.Parameter, int] = {}
    for layer in network.modules():
        if isinstance(layer, nn.Embedding | nn.EmbeddingBag):
            embeddings.update(layer.parameters())
        elif isinstance(layer, _ConvTransposeNd):
            groups.update(dict.fromkeys(layer.parameters(), layer.groups))
    weights = [p for p in network.parameters() if p.ndim >= 2 and p not in embeddings]
    layers = [(weight, groups.get(weight, 0)) for weight in weights]
    return [(weight, g) for weight, g in layers if 1 < len(filters_of(weight, g)) < weight.numel()]
