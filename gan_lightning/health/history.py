"""What was measured at the checks so far, in bounded memory."""

from collections import deque
from math import inf, nan
from typing import Any

LENGTH, SPAN = 64, 1500


class History:
    """The values of the last checks by name, and for each value the best and worst level that ever held.

    Detectors judge from it alone, so a run can be judged again from its log.

    Args:
        length: checks to keep, and all of the last ``SPAN`` iterations.

    Example:
        >>> history = History()
        >>> for iteration, tv in ((100, 0.9), (200, 0.3), (300, 0.35), (400, 0.8)):
        ...     history.add(iteration, {"bins/tv": tv})
        >>> history.last("bins/tv", 2), history.lowest("bins/tv")
        ([0.35, 0.8], 0.35)
    """

    def __init__(self, length: int = LENGTH) -> None:
        self.length = length
        self.iterations: deque[int] = deque()
        self._values: dict[str, deque[float]] = {}
        self._lowest: dict[str, float] = {}
        self._highest: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self.iterations)

    @property
    def iteration(self) -> int:
        """Of the last check; 0 before the first."""
        return self.iterations[-1] if self.iterations else 0

    def add(self, iteration: int, values: dict[str, float]) -> None:
        """Take in a check; values that are missing count as NaN."""
        before = {name: self.now(name) for name in values}
        known = len(self.iterations)
        self.iterations.append(iteration)
        for name in dict.fromkeys((*self._values, *values)):  # in an order that all processes share
            kept = self._values.setdefault(name, deque([nan] * known))
            kept.append(values.get(name, nan))
        while len(self.iterations) > self.length and self.iterations[0] < iteration - SPAN:
            self.iterations.popleft()
            for kept in self._values.values():
                kept.popleft()
        for name, value in values.items():
            if value == value and before[name] == before[name]:
                self._lowest[name] = min(self.lowest(name), max(value, before[name]))
                self._highest[name] = max(self.highest(name), min(value, before[name]))

    def now(self, name: str) -> float:
        """Return the value at the last check; NaN if it has none."""
        return self._values[name][-1] if name in self._values else nan

    def last(self, name: str, count: int) -> list[float]:
        """Return the values of the last checks, the newest last; fewer if there were fewer, none if never measured."""
        kept = self._values.get(name, ())
        return list(kept)[-count:]

    def lowest(self, name: str) -> float:
        """Return the lowest level that two checks in a row stayed at or below, ever; infinite if there is none."""
        return self._lowest.get(name, inf)

    def highest(self, name: str) -> float:
        """Return the highest level that two checks in a row stayed at or above, ever; minus infinity if none."""
        return self._highest.get(name, -inf)

    def since(self, name: str, iterations: int) -> list[float]:
        """Return the values of the checks within the last ``iterations``."""
        begin = self.iteration - iterations
        count = sum(each >= begin for each in self.iterations)
        return self.last(name, count)

    def held(self, checks: int) -> int:
        """Return the iteration of the check before which ``checks - 1`` more followed: where a streak began."""
        return self.iterations[-min(checks, len(self.iterations))]

    def state_dict(self) -> dict[str, Any]:
        return {
            "iterations": list(self.iterations),
            "values": {name: list(values) for name, values in self._values.items()},
            "lowest": dict(self._lowest),
            "highest": dict(self._highest),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.iterations = deque(state["iterations"])
        self._values = {name: deque(values) for name, values in state["values"].items()}
        self._lowest, self._highest = dict(state["lowest"]), dict(state["highest"])
