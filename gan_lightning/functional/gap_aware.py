"""A factor for the discriminator's learning rate, by how far its loss is from that of an ideal discriminator.

Paper: Hazimeh, Ponomareva 2023, "Mind the (optimality) gap: a gap-aware learning rate scheduler for adversarial nets",
    section 3, https://arxiv.org/abs/2302.00089.
"""


def gap_aware_factor(loss: float, ideal: float, width: float, slowest: float = 0.1, fastest: float = 2.0) -> float:
    """Return ``fastest^(gap / width)`` where the loss is above the ideal, ``slowest^(gap / width)`` where it is below.

    A discriminator whose loss is too high cannot tell and learns faster; one whose loss is too low is too sure and
    learns more slowly. gap is ``|loss - ideal|``, at most ``width``, so the factor lies in [slowest, fastest].

    Args:
        loss: the discriminator's loss, smoothed.
        ideal: what it would be against a perfect generator.
        width: gap at which the factor reaches its limit, positive.
        slowest: lower limit, in (0, 1].
        fastest: upper limit, 1 or more.

    Example:
        >>> [gap_aware_factor(loss, 1.0, width=0.5) for loss in (-5.0, 0.5, 1.0, 1.5, 5.0)]
        [0.1, 0.1, 1.0, 2.0, 2.0]
    """
    share = min(abs(loss - ideal) / width, 1.0)
    return float((fastest if loss > ideal else slowest) ** share)
