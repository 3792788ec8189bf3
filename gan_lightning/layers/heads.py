"""A further output for any discriminator, linear in its features: class scores, codes of InfoGAN.

Paper: Odena et al. 2017, "Conditional image synthesis with auxiliary classifier GANs", section 3 (classes),
    https://arxiv.org/abs/1610.09585; Chen et al. 2016, "InfoGAN", section 5 (codes), https://arxiv.org/abs/1606.03657.
"""

from jaxtyping import Float
from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.layers.wrapped import Wrapped, features_of, size_of_features


class Head(Wrapped):
    """Add ``heads[name] = linear(features)``, (N, outputs), to what a discriminator says; the rest stays as it is.

    Args:
        network: a discriminator that returns ``Critique(logits, features)`` and has ``num_features``.
        name: name of the output, as in ``critique.heads["classes"]``.
        outputs: numbers per sample, at least 1.

    Raises:
        ValueError: if the network has no ``num_features``, or ``outputs < 1``; in ``forward``, if it returns no
            features (N, num_features), or a head of this name.

    Example:
        >>> import torch
        >>> class Judge(nn.Module):
        ...     num_features = 2
        ...
        ...     def forward(self, x):
        ...         return Critique(x.sum(1), features=x)
        >>> Head(Judge(), "classes", 10)(torch.zeros(4, 2)).heads["classes"].shape
        torch.Size([4, 10])
    """

    def __init__(self, network: nn.Module, name: str, outputs: int) -> None:
        super().__init__(network)
        if outputs < 1:
            raise ValueError(f"the head {name!r} has outputs={outputs}, expected at least 1: one per class or code")
        self.name = name
        self.head = nn.Linear(size_of_features(network, f"the head {name!r}"), outputs)

    def forward(self, x: Float[Tensor, "n *shape"], label: Tensor | None = None) -> Critique:
        """Return the network's opinion of samples (N, ...) with the head; labels (N,) are passed on if given."""
        critique = self.ask(x, label)
        if self.name in critique.heads:
            raise ValueError(f"the discriminator has a head {self.name!r} already: give one of them another name")
        scores: Tensor = self.head(features_of(critique, self.head.in_features, f"the head {self.name!r}"))
        return critique._replace(heads={**critique.heads, self.name: scores})
