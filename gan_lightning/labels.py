"""Labels as the networks expect them."""

import torch
from torch import Tensor


def check_labels(label: Tensor, n: int, num_classes: int, lowest: int = 0) -> None:
    """Check labels (n,) against the number of classes and the lowest label allowed.

    Raises:
        ValueError: if their shape, type or range is wrong.
    """
    if label.shape != (n,) or label.is_floating_point() or label.is_complex() or label.dtype == torch.bool:
        raise ValueError(
            f"the labels have shape {tuple(label.shape)} and type {label.dtype}, expected ({n},) integers: "
            "one class index per sample"
        )
    low, high = int(label.min()), int(label.max())
    if low < lowest or high >= num_classes:
        raise ValueError(
            f"the labels range from {low} to {high}, expected {lowest} to {num_classes - 1} (num_classes={num_classes})"
        )


def labels_to_sample(n: int, label: object, num_classes: int, device: torch.device) -> Tensor | None:
    """Return the labels (n,) to generate for, or None where the networks take none.

    Args:
        n: how many.
        label: one class for all, or n of them in any form that becomes a tensor, or None for all classes in turn.
        num_classes: how many classes the networks know.
        device: where the labels shall lie.

    Raises:
        ValueError: if the labels do not fit ``n`` or ``num_classes``.
    """
    if num_classes == 0:
        if label is not None:
            raise ValueError("label was given, but the networks take none (num_classes=0): leave it out")
        return None
    if label is None:
        return torch.arange(n, device=device) % num_classes
    labels = torch.as_tensor(label)
    labels = labels.expand(n) if labels.ndim == 0 else labels
    check_labels(labels, n, num_classes)
    return labels.long().to(device)
