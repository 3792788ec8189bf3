"""What an embedder must return."""

from typing import Any

from torch import Tensor


def check_vectors(vectors: Any, x: Tensor, width: int | None) -> None:
    """Refuse what cannot be compared.

    Args:
        vectors: what the embedder made of ``x``.
        x: samples, (N, ...).
        width: length of the vectors so far; None if there are none.

    Raises:
        TypeError: if it is no tensor.
        ValueError: if it is not (N, D), or of another D than before.
    """
    what = f"for samples of shape {tuple(x.shape)} the embedder returned"
    if not isinstance(vectors, Tensor):
        raise TypeError(f"{what} a {type(vectors).__name__}, expected a tensor of vectors (N, D)")
    if vectors.ndim != 2 or len(vectors) > len(x):
        raise ValueError(f"{what} a tensor of shape {tuple(vectors.shape)}, expected vectors (N, D): flatten them")
    if width is not None and vectors.shape[1] != width:
        raise ValueError(
            f"{what} vectors of length {vectors.shape[1]}, and {width} before: where samples differ in size, set "
            "embedder to a function that maps them to vectors of one length"
        )
