"""The outputs of a discriminator's inner layers, for techniques that compare them."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.layers.wrapped import Wrapped


class Taps(Wrapped):
    """Add the outputs of named layers to what a discriminator says, as ``heads`` under the layers' names.

    The hooks stay on the layers and record only while this wrapper runs. A layer that runs several times gives its last
    output; one that is followed by an in-place activation gives what the activation made of it.

    Args:
        network: any discriminator.
        layers: names as in ``network.named_modules()``, such as "hidden.1".

    Raises:
        ValueError: if there is no layer of that name, or none is given; in ``forward``, if a layer did not run, or did
            not return a tensor with one row per sample.

    Example:
        >>> import torch
        >>> network = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
        >>> Taps(network, ["1"])(torch.zeros(4, 2)).heads["1"].shape
        torch.Size([4, 8])
    """

    def __init__(self, network: nn.Module, layers: Sequence[str]) -> None:
        super().__init__(network)
        self.layers = (layers,) if isinstance(layers, str) else tuple(layers)
        valid = {name: module for name, module in network.named_modules() if name}
        unknown = [name for name in self.layers if name not in valid]
        if unknown or not self.layers:
            raise ValueError(
                f"cannot tap {unknown or 'no layer'} of {type(network).__name__}: choose among {', '.join(valid)}"
            )
        self._record = _Record()
        for name in self.layers:
            valid[name].register_forward_hook(_Tap(name, self._record))

    def forward(self, x: Float[Tensor, "n *shape"], label: Tensor | None = None) -> Critique:
        """Return the network's opinion with the tapped outputs as heads; labels (N,) are passed on if given."""
        seen: dict[str, Any] = {}
        self._record.seen = seen
        try:
            critique = self.ask(x, label)
        finally:
            self._record.seen = None
        for name in self.layers:
            _check(name, seen.get(name), len(x))
        return critique._replace(heads={**critique.heads, **seen})


class _Record:
    """Where the hooks of one wrapper leave what they see; None while it does not run."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] | None = None


class _Tap:
    """A forward hook. An object, so that copies and pickles of the wrapper have hooks with a record of their own."""

    def __init__(self, name: str, record: _Record) -> None:
        self.name, self.record = name, record

    def __call__(self, module: nn.Module, arguments: Any, output: Any) -> None:
        if self.record.seen is not None:
            self.record.seen[self.name] = output


def _check(name: str, output: Any, num_samples: int) -> None:
    if output is None:
        raise ValueError(f"the tapped layer {name!r} did not run in the discriminator's forward: tap one that does")
    if not isinstance(output, Tensor) or output.ndim == 0 or len(output) != num_samples:
        got = f"shape {tuple(output.shape)}" if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(
            f"the tapped layer {name!r} returned {got} for {num_samples} samples, expected a tensor (N, ...): tap "
            "another layer"
        )
