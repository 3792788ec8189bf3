"""What of all that a contestant prints is news, and how many lines a user writes."""

import ast
import io
import re
import tokenize

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?|\b(?:nan|inf)\b", re.IGNORECASE)
_FOLDERS = re.compile(r"[^\s\"]*/(?:site-packages|experiments/peers)/")
_BAR = re.compile(r"\d+%\||it/s|batch \d+")
MOST = 40
"""Lines that are kept."""


def new_lines(said: str, usual: str) -> list[str]:
    """Return the lines that differ from all usual ones by more than numbers, NaN being one; those of a bar left out."""
    known = {_form(line) for line in _lines(usual)}
    found: dict[str, str] = {}
    for line in _lines(said):
        if (form := _form(line)) not in known:
            found.setdefault(form, line)
    return list(found.values())[:MOST]


def last(said: str) -> list[str]:
    """Return the last lines."""
    return _lines(said)[-8:]


def shows_nan(said: str) -> bool:
    """Tell whether NaN is among the figures that are printed, those of a bar too."""
    return re.search(r"[:=]\s*nan\b", said, re.IGNORECASE) is not None


def code_lines(source: str) -> int:
    """Return how many lines hold code: no blank lines, no comments, no docstrings."""
    held: set[int] = set()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            held |= set(range(token.start[0], token.end[0] + 1))
    return len(held - _docstrings(source))


def _docstrings(source: str) -> set[int]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            text = node.body[0]
            found |= set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return found


def _lines(said: str) -> list[str]:
    return [line for line in re.split(r"[\r\n]+", _FOLDERS.sub("", said)) if line.strip() and not _BAR.search(line)]


def _form(line: str) -> str:
    return _NUMBER.sub("#", line).strip()
