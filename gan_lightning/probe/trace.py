"""Following samples through whatever is done to them on their way to the discriminator."""

from collections.abc import MutableMapping
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from gan_lightning.probe.inputs import samples_in, tensors_in
from gan_lightning.probe.rows import NOTHING, Rows, cut, everything, length, stacked, united

STACKING = frozenset(("cat", "concat", "concatenate", "vstack", "row_stack"))
CUTTING = frozenset(("split", "chunk", "tensor_split", "split_with_sizes", "unbind"))


class Trace(TorchFunctionMode):
    """Notes for each tensor which sources its rows were made of, while it is entered.

    The notes are kept apart from the tensors, which are not touched.

    Args:
        batch: of the loader; its samples are the first sources.
    """

    def __init__(self, batch: Any) -> None:
        super().__init__()
        self.error: Exception | None = None
        """The first of ours, which must not reach the code that is followed; what follows is not noted."""
        self._rows: MutableMapping[Tensor, Rows] = WeakTensorKeyDictionary()
        for number, x in enumerate(samples_in(batch)):
            self.mark(x, number)

    def mark(self, x: Tensor, number: int) -> None:
        """Note that a tensor is a source."""
        self._rows[x] = ((len(x), frozenset({number})),)

    def rows_of(self, x: Tensor) -> Rows | None:
        """Return the origins of a tensor's rows, None if they are unknown."""
        rows = self._rows.get(x)
        return rows if rows is not None and length(rows) == len(x) and everything(rows) else None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        if self.error is None:
            try:
                self._follow(func, args, kwargs, output)
            except Exception as error:
                self.error = error
        return output

    def _follow(self, func: Any, args: Any, kwargs: Any, output: Any) -> None:
        name = getattr(func, "__name__", "")
        inputs = [x for x in tensors_in((args, kwargs)) if x in self._rows] if _hands_on(name) else []
        results = [x for x in tensors_in(output) if x.ndim] if inputs else []
        if results:
            self._note(name, args, kwargs, inputs, results)

    def _note(self, name: str, args: Any, kwargs: Any, inputs: list[Tensor], results: list[Tensor]) -> None:
        axis = kwargs.get("dim", args[-1] if len(args) > 1 and isinstance(args[-1], int) else 0)
        if name in STACKING and axis == 0:
            self._rows[results[0]] = stacked([self._known(x) for x in tensors_in(args[0] if args else kwargs)])
            return
        rows = self._rows[inputs[0]]
        for other in inputs[1:]:
            rows = united(rows, self._rows[other])
        first = 0
        for result in results:
            self._rows[result] = _fitting(name, args, rows, first, result)
            first += len(result)

    def _known(self, x: Tensor) -> Rows:
        return self._rows.get(x) or ((len(x), NOTHING),)


def _hands_on(name: str) -> bool:
    """Tell whether a function's values depend on its input's, and not its shape alone."""
    return not name.endswith("_like") and not name.startswith("new_")


def _fitting(name: str, args: Any, rows: Rows, first: int, result: Tensor) -> Rows:
    """Return the origins of a result's rows: those of the input, a part of it, or of all rows if they were mixed."""
    total, size = length(rows), len(result)
    if size == total:
        return rows
    if name in CUTTING:
        return cut(rows, first, first + size)
    index = args[1] if name == "__getitem__" and len(args) > 1 else None
    index = index[0] if isinstance(index, tuple) and index else index
    if isinstance(index, slice) and index.step in (None, 1):
        begin, end, _ = index.indices(total)
        return cut(rows, begin, end)
    return ((size, everything(rows)),)
