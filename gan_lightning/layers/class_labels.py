"""Class labels turned into vectors, with mistakes told in words."""

from jaxtyping import Float
from torch import Tensor, nn


def embedded(embedding: nn.Embedding, label: Tensor, num_samples: int) -> Float[Tensor, "n f"]:
    """Return one row of ``embedding`` per label.

    Args:
        embedding: a table (K, F).
        label: classes in 0 .. K - 1, (N,), int32 or int64. On a GPU an index out of range is CUDA's own error, because
            looking at the labels would stop the stream at every step.
        num_samples: N.

    Raises:
        TypeError: if the labels are not whole numbers.
        ValueError: if the labels are not (N,), or, on the CPU, one is out of range.
    """
    if label.shape != (num_samples,):
        raise ValueError(
            f"the labels have shape {tuple(label.shape)}, expected ({num_samples},), one class index per sample: "
            "flatten them, or take the argmax of one-hot labels"
        )
    if label.is_floating_point():
        raise TypeError(f"the labels are {label.dtype}, expected class indices in int64: convert them by label.long()")
    try:
        rows: Tensor = embedding(label)
    except IndexError as error:
        raise ValueError(
            f"the labels range from {int(label.min())} to {int(label.max())}, expected 0 to "
            f"{embedding.num_embeddings - 1}: count classes from 0, or build the network with more classes"
        ) from error
    return rows
