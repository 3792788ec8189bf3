"""When a bad sign is no accident, and since when it has been there."""

from math import isnan

from gan_lightning.health.history import History

BAD, OF = 3, 4
"""Checks that must be bad among the last ones. In own runs one of one gave false alarms in a third of the runs."""


def holds(bad: list[bool]) -> bool:
    """Tell whether ``BAD`` of the last ``OF`` checks were bad, the last one among them.

    Example:
        >>> holds([False, True, True, False, True]), holds([True, True, True, False])
        (True, False)
    """
    return bool(bad) and bad[-1] and sum(bad[-OF:]) >= BAD


def onset(history: History, bad: list[bool]) -> int:
    """Return the iteration at which the present bad stretch began; single good checks do not end it.

    Args:
        history: with at least as many checks.
        bad: of its last checks, which one was bad, the last ones mostly.

    Example:
        >>> history = History()
        >>> for check in range(1, 7):
        ...     history.add(100 * check, {})
        >>> onset(history, [True, False, False, True, False, True])
        400
    """
    begin, good = len(bad) - 1, 0
    for index in reversed(range(len(bad))):
        good = 0 if bad[index] else good + 1
        if good > 1:
            break
        if bad[index]:
            begin = index
    return history.iterations[begin - len(bad)]


def fraction(value: float) -> str:
    """Return a share in words.

    Example:
        >>> fraction(0.171), fraction(float("nan"))
        ('17 %', 'an unknown part')
    """
    return "an unknown part" if isnan(value) else f"{100 * value:.0f} %"
