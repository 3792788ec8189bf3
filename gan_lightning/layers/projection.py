"""A discriminator that is told the class by an inner product.

Paper: Miyato and Koyama 2018, "cGANs with projection discriminator", section 3, eq. 3,
    https://arxiv.org/abs/1802.05637.
"""

from jaxtyping import Float
from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.layers.class_labels import embedded
from gan_lightning.layers.wrapped import Wrapped, features_of, size_of_features


class Projection(Wrapped):
    """Judge samples together with their classes: ``logit(x, y) = psi(phi(x)) + <v_y, phi(x)>``.

    phi are the features of an unconditional discriminator and psi its last layer; v is one learned vector per class.

    Args:
        network: an unconditional discriminator that returns ``Critique(logits, features)`` and has ``num_features``.
        num_classes: K, at least 1; also an attribute of the result, as of other conditional networks.

    Raises:
        ValueError: if the network has no ``num_features`` or takes labels itself, or ``num_classes < 1``; in
            ``forward``, if there are no labels, they do not fit, or there are no features (N, num_features).

    Example:
        >>> import torch
        >>> class Judge(nn.Module):
        ...     num_features = 2
        ...
        ...     def forward(self, x):
        ...         return Critique(x.sum(1), features=x)
        >>> Projection(Judge(), num_classes=10)(torch.zeros(4, 2), torch.tensor([0, 1, 2, 9])).logits
        tensor([0., 0., 0., 0.], grad_fn=<AddBackward0>)
    """

    def __init__(self, network: nn.Module, num_classes: int) -> None:
        super().__init__(network)
        if num_classes < 1:
            raise ValueError(f"the projection has num_classes={num_classes}, expected the number of classes")
        if getattr(network, "num_classes", 0):
            raise ValueError(
                f"{type(network).__name__} takes labels itself (num_classes={network.num_classes}) and the projection "
                "would tell it twice: build it with num_classes=0"
            )
        self.num_classes = num_classes
        self.embedding = nn.Embedding(num_classes, size_of_features(network, "the projection"))
        nn.init.xavier_uniform_(self.embedding.weight)  # as the authors' code does; normals would drown the logits

    def forward(self, x: Float[Tensor, "n *shape"], label: Tensor | None = None) -> Critique:
        """Return the opinion of samples (N, ...) with labels (N,)."""
        if label is None:
            raise ValueError(
                f"the projection has num_classes={self.num_classes} and got no labels: pass batches of (sample, label)"
            )
        critique = self.ask(x, None)
        features = features_of(critique, self.embedding.embedding_dim, "the projection")
        match = (embedded(self.embedding, label, len(x)) * features).sum(1)
        return critique._replace(logits=critique.logits + match)
