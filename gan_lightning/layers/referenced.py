"""A network that looks at a fixed reference batch before each batch: what virtual batch normalisation needs.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.5, https://arxiv.org/abs/1606.03498
"""

from typing import Any

import torch
from torch import Tensor, nn

from gan_lightning.distributed import gather_over_ranks
from gan_lightning.layers.virtual_batch_norm import _VirtualBatchNorm
from gan_lightning.layers.wrapped import PASSED_ON

NAME = "reference_"


class Referenced(nn.Module):
    """Run ``network`` on its reference batch, whose statistics the virtual batch norms keep, then on the input.

    The reference is a batch of the network's own inputs: latents for a generator, samples for a discriminator, and
    labels where it takes them. It is chosen once and then kept: by ``set_reference``, or else the first batch in
    training mode is taken (its first ``size`` rows; of several ranks, the first rows of all, so that all must come by
    together). It is part of the state dict, and a fresh module takes it from there. In evaluation mode a network
    without one uses each batch as its own.

    Gradients flow through both runs. Each forward costs two, and layers that change at a forward (spectral norm's power
    iteration, running means) see both.

    Args:
        network: holds virtual batch normalisation; called with tensors.
        size: samples of the reference at most, if the first batch is taken; None takes all.

    Raises:
        ValueError: if the network holds no virtual batch normalisation or is referenced already; in ``forward``, if the
            number of inputs is not that of the reference.

    Example:
        >>> from gan_lightning.layers import VirtualBatchNorm1d
        >>> network = Referenced(nn.Sequential(nn.Linear(4, 8), VirtualBatchNorm1d(8)))
        >>> network.set_reference(torch.randn(64, 4))
        >>> x = torch.randn(2, 4)
        >>> torch.allclose(network(x)[:1], network(x[:1]), atol=1e-6)  # a sample's batch mates do not matter
        True
    """

    def __init__(self, network: nn.Module, size: int | None = None) -> None:
        super().__init__()
        if any(isinstance(part, Referenced) for part in network.modules()):
            raise ValueError(f"{type(network).__name__} has a reference batch already: wrap a network once")
        self.network, self.size = network, size
        for name in (*PASSED_ON, "latent_dim"):
            if hasattr(network, name):
                setattr(self, name, getattr(network, name))
        self._layers = [layer for layer in network.modules() if isinstance(layer, _VirtualBatchNorm)]
        if not self._layers:
            raise ValueError(
                f"{type(network).__name__} holds no virtual batch normalisation: build it with VirtualBatchNorm1d or "
                "VirtualBatchNorm2d, or convert it by convert_batchnorm_to_virtual"
            )

    @property
    def reference(self) -> tuple[Any, ...]:  # of tensors; of Any, for torch.compile cannot trace the check of the tests
        """The reference batch, one tensor per input of the network; empty until it is chosen."""
        return tuple(buffer for name, buffer in self._buffers.items() if name.startswith(NAME) and buffer is not None)

    def set_reference(self, *inputs: Tensor) -> None:
        """Take copies of ``inputs``, each (N, ...), for the reference from now on; without any, forget the last."""
        self._clear()
        for position, x in enumerate(inputs):
            self.register_buffer(f"{NAME}{position}", x.detach().clone())

    def forward(self, *inputs: Tensor) -> Any:
        reference = self.reference or self._choose(inputs)
        if len(reference) != len(inputs):
            raise ValueError(
                f"the reference batch of {type(self.network).__name__} has {len(reference)} inputs, this call has "
                f"{len(inputs)}: give labels always or never, or choose the reference anew by set_reference"
            )
        try:
            for layer in self._layers:
                layer.reads_reference = True
            self.network(*reference)
            for layer in self._layers:
                layer.reads_reference = False
            return self.network(*inputs)
        finally:
            for layer in self._layers:
                layer.forget()

    def _choose(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if not self.training:
            return tuple(x[: self.size] for x in inputs)
        self.set_reference(*(gather_over_ranks(x.detach())[: self.size] for x in inputs))
        return self.reference

    def _clear(self) -> None:
        for name in [name for name in self._buffers if name.startswith(NAME)]:
            delattr(self, name)

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *rest: Any) -> None:
        """Make room for the reference of a checkpoint, then load it."""
        saved = {key: value for key, value in state.items() if key.startswith(prefix + NAME)}
        if saved:
            device = next(self.parameters()).device
            self.set_reference(*(torch.empty_like(saved[key], device=device) for key in sorted(saved)))
        super()._load_from_state_dict(state, prefix, *rest)
