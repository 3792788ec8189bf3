"""What the wrappers around a discriminator share."""

from torch import Tensor, nn

from gan_lightning.critique import Critique, as_critique

PASSED_ON = ("num_features", "num_classes", "shape")
"""Attributes of a discriminator that its wrapper has too."""


class Wrapped(nn.Module):
    """A discriminator around a discriminator: asks the inner one, and says more.

    Args:
        network: any discriminator; called with labels only where there are some.
    """

    num_features: int
    num_classes: int

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        for name in PASSED_ON:
            if hasattr(network, name):
                setattr(self, name, getattr(network, name))

    def ask(self, x: Tensor, label: Tensor | None) -> Critique:
        """Return what the inner discriminator says of N samples, and of their labels if there are any."""
        return as_critique(self.network(x) if label is None else self.network(x, label), len(x))


def size_of_features(network: nn.Module, wanted_by: str) -> int:
    """Return ``network.num_features``.

    Raises:
        ValueError: if it has none, in the name of who wanted it.
    """
    size = getattr(network, "num_features", None)
    if not isinstance(size, int):
        raise ValueError(
            f"{wanted_by} needs to know the size of the discriminator's features, and {type(network).__name__} has no "
            "num_features: return Critique(logits, features) from it, with features (N, F), and set num_features = F"
        )
    return size


def features_of(critique: Critique, num_features: int, wanted_by: str) -> Tensor:
    """Return the features (N, num_features) of a critique.

    Raises:
        ValueError: if there are none, or of another shape, in the name of who wanted them.
    """
    features = critique.features
    if features is None:
        raise ValueError(
            f"{wanted_by} needs the discriminator's features, and it returned none: return Critique(logits, features) "
            "from its forward, with the input (N, F) of its last layer"
        )
    if features.ndim != 2 or features.shape[1] != num_features:
        raise ValueError(
            f"{wanted_by} got features of shape {tuple(features.shape)}, expected (N, {num_features}) by the network's "
            "num_features: flatten the features, or correct num_features"
        )
    return features
