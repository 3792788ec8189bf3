"""What a monitor is asked for, refused where it makes no sense."""

from collections.abc import Iterable, Sequence

from gan_lightning.health.detector import Detector

FEWEST_SAMPLES = 64


def check_cadence(every: int, samples: int, wanted_by: str) -> None:
    """Refuse checks that cannot be made.

    Raises:
        ValueError: if a number is out of range.
    """
    if every < 1:
        raise ValueError(f"{wanted_by}(every={every}): expected a number of iterations, at least 1")
    if samples < FEWEST_SAMPLES:
        raise ValueError(
            f"{wanted_by}(samples={samples}): expected at least {FEWEST_SAMPLES}, for fewer tell nothing about a "
            "distribution; the default is 512"
        )


def wanted(detectors: Sequence[Detector], wanted_by: str) -> tuple[Detector, ...]:
    """Return the detectors that a user asked for.

    Raises:
        TypeError: if one is none.
        ValueError: if there are none.
    """
    found = tuple(detectors) if isinstance(detectors, Iterable) else (detectors,)
    for each in found:
        if not isinstance(each, Detector):
            hint = f": write {each.__name__}()" if isinstance(each, type) else ""
            raise TypeError(f"{wanted_by}(detectors=...) expected a list of detectors, and {each!r} is none{hint}")
    if not found:
        raise ValueError(f"{wanted_by}(detectors=[]) would look for nothing: leave detectors out to look for all")
    return found
