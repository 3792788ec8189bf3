"""A line in whatever progress bar there is."""

from collections.abc import Callable
from typing import Any

LINES = "_lines_of_monitors"


class BarLine:
    """Shows a line before what the bar shows anyway, from its making until ``remove``.

    All of Lightning's bars, and those derived from them, ask their ``get_metrics``; so that is what is wrapped, on the
    object and not on its class, once for all lines.

    Args:
        bar: any ``ProgressBar``; None where there is none.
        name: of the line.
        status: what to show.
    """

    def __init__(self, bar: Any, name: str, status: Callable[[], str]) -> None:
        self._bar, self._name = bar, name
        if bar is None:
            return
        lines: dict[str, Callable[[], str]] | None = getattr(bar, LINES, None)
        if lines is None:
            lines = {}
            self._wrap(bar, lines)
        lines[name] = status

    def remove(self) -> None:
        """Take the line away; the last one leaves the bar as it was."""
        bar, self._bar = self._bar, None
        if bar is None:
            return
        lines, before = getattr(bar, LINES), bar.get_metrics.before
        del lines[self._name]
        if lines:
            return
        delattr(bar, LINES)
        del bar.get_metrics
        if before is not None:
            bar.get_metrics = before

    @staticmethod
    def _wrap(bar: Any, lines: dict[str, Callable[[], str]]) -> None:
        shown = bar.get_metrics

        def get_metrics(*args: Any) -> dict[str, Any]:
            return {**{name: status() for name, status in lines.items()}, **shown(*args)}

        get_metrics.before = vars(bar).get("get_metrics")  # type: ignore[attr-defined]
        setattr(bar, LINES, lines)
        bar.get_metrics = get_metrics
