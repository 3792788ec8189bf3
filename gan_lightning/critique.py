"""What a discriminator says of a batch."""

from typing import NamedTuple

from torch import Tensor


class Critique(NamedTuple):
    """A discriminator's opinion of N samples.

    A discriminator may return this, or the logits alone, as (N,) or (N, 1).

    Args:
        logits: one number per sample, (N,); larger means "more real".
        features: what the discriminator saw before its last layer, (N, F), for the techniques that match features.
        heads: further outputs by name, each (N, ...): class scores, codes, inner layers.

    Example:
        >>> import torch
        >>> Critique(torch.zeros(4)).features is None
        True
    """

    logits: Tensor
    features: Tensor | None = None
    heads: dict[str, Tensor] = {}  # noqa: RUF012  a default that nobody writes to


def as_critique(output: object, num_samples: int) -> Critique:
    """Bring what a discriminator returned into the form of a ``Critique`` with logits (N,).

    Args:
        output: a ``Critique``, or logits of shape (N,), (N, 1), or (N, 1, ..., 1).
        num_samples: N.

    Raises:
        TypeError: if it is neither a tensor nor a ``Critique``.
        ValueError: if the logits are not one number per sample.

    Example:
        >>> import torch
        >>> as_critique(torch.zeros(4, 1), 4).logits.shape
        torch.Size([4])
    """
    critique = output if isinstance(output, Critique) else Critique(output)  # type: ignore[arg-type]
    logits = critique.logits
    if not isinstance(logits, Tensor):
        raise TypeError(
            f"the discriminator returned {type(logits).__name__}, expected logits (N,) or (N, 1), "
            "or gan_lightning.Critique(logits, features)"
        )
    if logits.ndim == 0 or len(logits) != num_samples or logits.numel() != num_samples:
        raise ValueError(
            f"the discriminator returned logits of shape {tuple(logits.shape)} for {num_samples} samples, expected "
            "(N,) or (N, 1): one number per sample; average patches or heads into one, or give class scores a head of "
            "their own"
        )
    return critique if logits.ndim == 1 else critique._replace(logits=logits.reshape(-1))


def halves(critique: Critique) -> tuple[Critique, Critique]:
    """Split the opinion of cat(real, fake) into those of real and of fake samples.

    Example:
        >>> import torch
        >>> [half.logits.tolist() for half in halves(Critique(torch.tensor([1.0, 2.0])))]
        [[1.0], [2.0]]
    """
    logits = critique.logits.chunk(2)
    features = (None, None) if critique.features is None else critique.features.chunk(2)
    heads = {name: value.chunk(2) for name, value in critique.heads.items()}
    first, second = (
        Critique(logits[i], features[i], {name: parts[i] for name, parts in heads.items()}) for i in range(2)
    )
    return first, second
