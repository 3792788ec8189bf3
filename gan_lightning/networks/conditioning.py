"""How a network is told the class: a learned embedding of the label is appended to its input.

Paper: Mirza and Osindero 2014, "Conditional generative adversarial nets", section 3.2, https://arxiv.org/abs/1411.1784.
"""

from math import prod

import torch
from torch import Tensor, nn


class LabelConcat(nn.Module):
    """Append ``E[label]`` to the input along dimension 1. Without classes it returns the input and costs nothing.

    Args:
        num_classes: number of classes; 0 for an unconditional network.
        shape: shape of one sample's embedding: (F,) to append to (N, ..), (1, H, W) to add a plane to (N, C, H, W).

    Raises:
        ValueError: if ``num_classes < 0``; in ``forward``, if labels are missing, unexpected or not (N,).

    Example:
        >>> append = LabelConcat(10, (1, 8, 8))
        >>> append(torch.zeros(2, 3, 8, 8), torch.tensor([0, 9])).shape
        torch.Size([2, 4, 8, 8])
    """

    def __init__(self, num_classes: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        if num_classes < 0:
            raise ValueError(f"num_classes is {num_classes}, expected 0 (no labels) or the number of classes")
        self.num_classes = num_classes
        self.shape = shape
        self.embedding = nn.Embedding(num_classes, prod(shape)) if num_classes else None

    @property
    def extra(self) -> int:
        """By how much dimension 1 grows."""
        return self.shape[0] if self.num_classes else 0

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        """Return ``x`` with the labels' embedding.

        Args:
            x: the network's input, (N, ...).
            label: classes in 0 .. num_classes - 1, (N,), int64.
        """
        if self.embedding is None:
            if label is not None:
                raise ValueError(
                    f"the network has num_classes=0 and got labels of shape {tuple(label.shape)}: "
                    "set num_classes on the generator and the discriminator, or pass batches without labels"
                )
            return x
        if label is None:
            raise ValueError(
                f"the network has num_classes={self.num_classes} and got no labels: pass batches of (sample, label), "
                "or set num_classes=0 for an unconditional network"
            )
        if label.shape != x.shape[:1]:
            raise ValueError(
                f"the labels have shape {tuple(label.shape)}, expected {tuple(x.shape[:1])}, one class index per "
                "sample: flatten them, or take the argmax of one-hot labels"
            )
        embedded: Tensor = self.embedding(label)
        return torch.cat([x, embedded.view(-1, *self.shape)], 1)


def embedding_size(num_classes: int) -> int:
    """Size of a label's vector: one dimension per class says all that there is to say, 64 are enough for many."""
    return min(num_classes, 64)


def check_told(num_classes: int, label: Tensor | None) -> None:
    """Raise ``ValueError`` unless a network with classes got labels, and one without got none."""
    if bool(num_classes) == (label is None):
        got = "no labels" if label is None else f"labels of shape {tuple(label.shape)}"
        raise ValueError(
            f"the network has num_classes={num_classes} and got {got}: set num_classes on the generator and the "
            "discriminator to the number of classes in the data, or to 0 for networks without labels"
        )
