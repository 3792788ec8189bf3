"""Networks that a recipe builds where its user gives none."""

from collections.abc import Callable

from torch import nn

Shape = tuple[int, ...]
PLAYERS = ("generator", "discriminator")


def missing_networks(
    recipe: str,
    shape: Shape | None,
    shape_d: Shape | None,
    generator: nn.Module | None,
    discriminator: nn.Module | None,
    build_g: Callable[[Shape], nn.Module],
    build_d: Callable[[Shape], nn.Module],
) -> tuple[nn.Module, nn.Module]:
    """Return both networks: those that are given, and for the others what the recipe builds for ``shape``.

    Args:
        recipe: its name.
        shape: of one sample.
        shape_d: of what the discriminator sees; ``shape`` if None.
        generator: given by the user, or None.
        discriminator: likewise.
        build_g: builds a generator for a shape.
        build_d: builds a discriminator for a shape.

    Raises:
        ValueError: if one is missing and there is no shape to build it for.
    """
    if generator is not None and discriminator is not None:
        return generator, discriminator
    if shape is None:
        raise ValueError(
            f"{recipe} needs the shape of one sample, as in shape=(3, 32, 32), to build its networks: give it, or both "
            "networks"
        )
    return (
        build_g(shape) if generator is None else generator,
        build_d(shape_d or shape) if discriminator is None else discriminator,
    )
