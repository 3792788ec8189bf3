"""Turn a number of the module slowly while it trains."""

import inspect
import math
import re
from functools import reduce
from typing import Any, Literal

from lightning.pytorch import Callback, LightningModule, Trainer


class AnnealAttribute(Callback):
    """Set an attribute of the module before each batch, from ``start`` to ``end`` over ``over`` iterations.

    The value follows from the batches that the trainer has counted, so that a resumed run goes on exactly. It works on
    any LightningModule.

    Whole numbers stay whole: the value is rounded. A number is whole if the constructor's argument of its name is
    annotated as ``int``, and never if as ``float``, also while it holds 0 or 1; without such an argument, if it and
    both ends are ints.

    A technique checks its ranges when it is constructed only, so ``start`` and ``end`` must lie within them. What is
    read at construction only cannot be turned: sizes, layers, wrapped networks.

    Args:
        attribute: name of a number, with dots into parts of the module: ``"topk_share"``, ``"generator.scale"``.
        start: value at ``begin`` and before.
        end: value from ``begin + over`` on.
        over: iterations from one to the other, at least 1.
        shape: "linear"; "cosine", slow at both ends; or "exponential", by the same factor at each iteration.
        begin: iteration at which it starts to move, 0 or more.

    Raises:
        ValueError: if ``over < 1`` or ``begin < 0``, ``shape`` is another word, or "exponential" would pass zero; at
            the start of a fit, if the module has no such attribute, or it is whole and ``start`` or ``end`` is not.
        TypeError: at the start of a fit, if the attribute is no number.

    Example:
        >>> halve = AnnealAttribute("topk_share", 1.0, 0.25, over=100, shape="exponential")
        >>> halve.value(0), halve.value(50), halve.value(1000)
        (1.0, 0.5, 0.25)
    """

    def __init__(
        self,
        attribute: str,
        start: float,
        end: float,
        over: int,
        shape: Literal["linear", "cosine", "exponential"] = "linear",
        begin: int = 0,
    ) -> None:
        if over < 1 or begin < 0:
            raise ValueError(f"expected over >= 1 and begin >= 0 iterations, got {over} and {begin}")
        if shape not in ("linear", "cosine", "exponential"):
            raise ValueError(f"expected shape 'linear', 'cosine' or 'exponential', got {shape!r}")
        if shape == "exponential" and start * end <= 0:
            raise ValueError(
                f"shape 'exponential' multiplies by one factor and never reaches or passes zero, got {start} to {end}: "
                "choose 'linear' or 'cosine', or an end of the same sign"
            )
        self.attribute, self.start, self.end = attribute, start, end
        *self._path, self._name = attribute.split(".")
        self.over, self.shape, self.begin = over, shape, begin
        self._is_whole = False

    def value(self, iteration: int) -> float:
        """Return the value at an iteration, before rounding."""
        done = (iteration - self.begin) / self.over
        if done <= 0:
            return self.start
        if done >= 1:
            return self.end
        if self.shape == "exponential":
            return float(self.start * (self.end / self.start) ** done)
        if self.shape == "cosine":
            done = (1 - math.cos(math.pi * done)) / 2
        return self.start + (self.end - self.start) * done

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        try:
            owner = self._owner(pl_module)
            value = getattr(owner, self._name)
        except AttributeError as error:
            raise ValueError(
                f"{type(pl_module).__name__} has no attribute {self.attribute!r} for AnnealAttribute to set "
                f"({error}): check its spelling, and that the module has the technique"
            ) from error
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(
                f"AnnealAttribute sets numbers, but {self.attribute!r} of {type(pl_module).__name__} is {value!r:.60}: "
                "name an int or a float"
            )
        self._is_whole = _says_whole(owner, self._name, (value, self.start, self.end))
        try:
            setattr(owner, self._name, value)
        except AttributeError as error:
            raise TypeError(
                f"{self.attribute!r} of {type(pl_module).__name__} cannot be set ({error}): name what it is read from"
            ) from error
        if self._is_whole and not (float(self.start).is_integer() and float(self.end).is_integer()):
            raise ValueError(
                f"{self.attribute!r} of {type(pl_module).__name__} is a whole number, but AnnealAttribute got "
                f"{self.start} to {self.end}: give whole numbers"
            )

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        value = self.value(trainer.fit_loop.epoch_loop.total_batch_idx)
        setattr(self._owner(pl_module), self._name, round(value) if self._is_whole else float(value))

    def _owner(self, module: LightningModule) -> Any:
        return reduce(getattr, self._path, module)


def _says_whole(owner: Any, name: str, numbers: tuple[float, ...]) -> bool:
    """Tell whether an attribute is a whole number, by its constructor's annotation rather than what it holds now."""
    for cls in type(owner).__mro__:
        init = vars(cls).get("__init__")
        argument = inspect.signature(init).parameters.get(name) if inspect.isfunction(init) else None
        # As text: an annotation may be a string, or one of several types.
        kinds = re.findall(r"\w+", inspect.formatannotation(argument.annotation)) if argument else ()
        if "float" in kinds or "int" in kinds:
            return "float" not in kinds
    return all(isinstance(number, int) for number in numbers)
