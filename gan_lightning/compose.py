"""Classes by name: ``gan_lightning.compose.R1__DCGAN`` is ``class R1__DCGAN(R1, DCGAN)``, made on demand.

Configurations, pickles and checkpoints can name such a class like any other. The order is Python's: what stands left is
asked first. The parts are the names of mixins and recipes, and of any other ``GAN`` that was imported before.

Example:
    >>> from gan_lightning import compose
    >>> [base.__name__ for base in compose.R1__DCGAN.__bases__]
    ['R1', 'DCGAN']
"""

from collections.abc import Iterator
from difflib import get_close_matches

from gan_lightning import gans, mixins
from gan_lightning.gan import GAN

SEPARATOR = "__"


def compose(*names: str) -> type[GAN]:
    """Return the GAN with these parts, made once.

    Args:
        names: mixins first, a recipe or ``GAN`` last.

    Raises:
        AttributeError: if a name is unknown, or the parts cannot be mixed in this order.
    """
    name = SEPARATOR.join(names)
    if name not in globals():
        globals()[name] = _make(name, names)
    made: type[GAN] = globals()[name]
    return made


def part(name: str) -> type[GAN]:
    """Return the mixin, recipe or other imported GAN of this name.

    Raises:
        AttributeError: if there is none; the message holds the nearest name.
    """
    known = parts()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}."
    raise AttributeError(f"no GAN or mixin is named {name!r}: {hint} A class of your own must be imported first.")


def parts() -> dict[str, type[GAN]]:
    """Return all GANs that can be composed, by name; the package's own names win over others."""
    own = {name: getattr(home, name) for home in (mixins, gans) for name in home.__all__}
    others = {cls.__name__: cls for cls in _subclasses(GAN) if SEPARATOR not in cls.__name__}
    return {**others, **own, "GAN": GAN}


def _subclasses(cls: type[GAN]) -> Iterator[type[GAN]]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)


def _make(name: str, names: tuple[str, ...]) -> type[GAN]:
    bases = tuple(part(each) for each in names)
    document = f"{' with '.join([names[-1], ', '.join(names[:-1])])}."
    try:
        return type(name, bases, {"__module__": __name__, "__qualname__": name, "__doc__": document})
    except TypeError as error:  # Python's own rule: GAN left of a mixin, or a part twice
        raise AttributeError(
            f"cannot compose {', '.join(names)}: {error}. Put each mixin once, and the recipe or GAN last."
        ) from error


def __getattr__(name: str) -> type[GAN]:
    if name.startswith("_") or SEPARATOR not in name:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; composed names look like R1__DCGAN")
    return compose(*name.split(SEPARATOR))
