"""Mistakes that can be read off a few training steps, before any of them shows in the samples."""

from typing import NamedTuple

from gan_lightning.health.diagnosis.observed import Observed, Span, first_and_last
from gan_lightning.health.words import number

FEW = 0.05
"""Share of calls of unknown origin that is none of a module's doing: samples are followed from the second batch on."""


class Mistake(NamedTuple):
    """What is wrong in the set-up.

    Args:
        text: what was seen, and what to do, for people.
        certain: whether no GAN can learn with it; else it wants a look.
    """

    text: str
    certain: bool


def mistakes_in(observed: Observed) -> list[Mistake]:
    """Return what is wrong, the worst first."""
    found = [*_calls(observed), *_gradients(observed), *_values(observed)]
    return sorted(found, key=lambda mistake: not mistake.certain)


def _calls(observed: Observed) -> list[Mistake]:
    calls, found = observed.calls, []
    if calls["unknown"] > FEW * calls.total():
        found.append(
            Mistake(
                f"{calls['unknown']} of {calls.total()} calls of the discriminator judged samples of unknown origin: "
                "they are left out of all that is measured",
                False,
            )
        )
    for kind, whence in (("real", "the loader's batch"), ("fake", "the generator")):
        if not calls[kind] and not calls["unknown"]:
            found.append(
                Mistake(f"the discriminator never judged samples of {whence}, so it cannot learn from them", True)
            )
    return found


def _gradients(observed: Observed) -> list[Mistake]:
    # Of networks in which dead units block the way the norm is zero as well, but from some point on only.
    found = []
    updates = first_and_last(observed.g_gradients)
    if updates is None:
        found.append(Mistake("the generator was never updated", True))
    elif not any(value > 0 for value in observed.g_gradients):
        found.append(
            Mistake(
                "the generator's gradient is zero at every update: look for detach() or no_grad() between its samples "
                "and its loss, and for an optimizer that clears gradients after backward",
                True,
            )
        )
    if first_and_last(observed.d_gradients) is None:
        found.append(Mistake("the discriminator was never updated", True))
    return found


def _values(observed: Observed) -> list[Mistake]:
    real, fake, found = observed.real, observed.fake, []
    if not real.finite:
        found.append(Mistake("the loader's batches hold NaN or infinite values: clean the data", True))
    if not fake.finite and real.finite:
        found.append(Mistake("the generator's samples became NaN or infinite: it has diverged", True))
    if real.shapes and fake.shapes and not real.shapes & fake.shapes:
        found.append(
            Mistake(f"real samples have the shape {_shapes(real)}, generated ones {_shapes(fake)}; compare them", False)
        )
    text = _range_mistake(real, fake)
    return [*found, Mistake(text, False)] if text else found


def _range_mistake(real: Span, fake: Span) -> str | None:
    """Return what is wrong with values that a bounded output cannot reach, or should not leave; None if nothing is."""
    seen = f"real samples lie in {bounds(real)} and generated ones in {bounds(fake)}"
    in_unit = real.low >= -0.01 and 0.5 < real.high <= 1.01
    if in_unit and -1.01 <= fake.low < -0.05 and fake.high <= 1.01:
        return (
            f"{seen}, as from a tanh: the discriminator tells them apart by the sign alone; scale the data to [-1, 1] "
            "(Normalize(0.5, 0.5) after ToTensor), or end the generator in a sigmoid"
        )
    if in_unit and fake.low >= 0 and fake.high <= 1.01:
        return None
    if real.high > 2.5 and real.low >= 0 and fake.low >= -1.01 and fake.high <= 1.01:
        return f"{seen}: scale the data to what the generator can reach, such as [-1, 1] for a tanh"
    if -1.01 <= real.low < -0.5 and real.high <= 1.01 and fake.low >= 0 and fake.high <= 1.01:
        return f"{seen}, as from a sigmoid, which cannot make the negative ones: end the generator in a tanh"
    return None


def bounds(span: Span) -> str:
    """Return the range of values for people."""
    return f"[{number(span.low)}, {number(span.high)}]"


def _shapes(span: Span) -> str:
    return " or ".join(str(shape) for shape in sorted(span.shapes))
