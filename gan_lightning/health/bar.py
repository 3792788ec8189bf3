"""A line in whatever progress bar there is."""

from collections.abc import Callable
from typing import Any


class BarLine:
    """Shows ``health`` before what the bar shows anyway, from its making until ``remove``.

    All of Lightning's bars, and those derived from them, ask their ``get_metrics``; so that is what is wrapped, on the
    object and not on its class.

    Args:
        bar: any ``ProgressBar``; None where there is none.
        status: what to show.
    """

    def __init__(self, bar: Any, status: Callable[[], str]) -> None:
        self._bar = bar
        if bar is None:
            return
        self._before, shown = vars(bar).get("get_metrics"), bar.get_metrics
        self._bar.get_metrics = lambda *args: {"health": status(), **shown(*args)}

    def remove(self) -> None:
        """Leave the bar as it was."""
        if self._bar is None:
            return
        del self._bar.get_metrics
        if self._before is not None:
            self._bar.get_metrics = self._before
        self._bar = None
