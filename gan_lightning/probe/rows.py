"""Where the rows of a tensor come from: runs of rows, each with the origins that went into it."""

from collections.abc import Sequence

Origins = frozenset[int]
Rows = tuple[tuple[int, Origins], ...]
"""Runs of rows from the first to the last: how many, and the numbers of what they were made of."""

NOTHING: Origins = frozenset()


def length(rows: Rows) -> int:
    """Return how many rows there are."""
    return sum(count for count, _ in rows)


def stacked(parts: Sequence[Rows]) -> Rows:
    """Return rows below each other, neighbours of the same origins as one run.

    Example:
        >>> a = frozenset({0})
        >>> stacked([((2, a),), ((3, a),), ((1, NOTHING),)])
        ((5, frozenset({0})), (1, frozenset()))
    """
    runs: list[tuple[int, Origins]] = []
    for count, origins in (run for part in parts for run in part):
        if runs and runs[-1][1] == origins:
            count += runs.pop()[0]
        if count:
            runs.append((count, origins))
    return tuple(runs)


def cut(rows: Rows, begin: int, end: int) -> Rows:
    """Return the rows from ``begin`` to before ``end``.

    Example:
        >>> cut(((2, frozenset({0})), (2, frozenset({1}))), 1, 3)
        ((1, frozenset({0})), (1, frozenset({1})))
    """
    kept, first = [], 0
    for count, origins in rows:
        low, high = max(begin, first), min(end, first + count)
        if low < high:
            kept.append((high - low, origins))
        first += count
    return tuple(kept)


def united(a: Rows, b: Rows) -> Rows:
    """Return rows that were made of both, row by row; of all origins of either if their numbers differ."""
    if length(a) != length(b):
        return ((max(length(a), length(b)), everything(a) | everything(b)),)
    edges = sorted({edge for rows in (a, b) for edge in _edges(rows)})
    spans = zip([0, *edges], edges, strict=False)
    return stacked([((end - begin, everything(cut(a, begin, end) + cut(b, begin, end))),) for begin, end in spans])


def everything(rows: Rows) -> Origins:
    """Return the origins of any row."""
    return frozenset().union(*(origins for _, origins in rows))


def _edges(rows: Rows) -> list[int]:
    edges, end = [], 0
    for count, _ in rows:
        end += count
        edges.append(end)
    return edges
