"""``gan-lightning report``: one page about a run, or about several side by side."""

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from gan_lightning.cli.explain import nearest
from gan_lightning.report import write_report

DESCRIPTION = (
    "Write one HTML file about a run: verdict, pictures, metrics, events, curves, configuration, environment. Several "
    "runs are compared. The file is complete in itself: it opens without a network, and can be mailed."
)


class _Parser(ArgumentParser):
    """Raises what is wrong, as the other commands do."""

    def error(self, message: str) -> NoReturn:
        raise ArgumentError(None, message)


def report(args: Sequence[str]) -> None:
    """Write the page and say where.

    Args:
        args: as after ``gan-lightning report``.

    Raises:
        argparse.ArgumentError: if they are wrong.
        ValueError: if a folder holds no run.
        ModuleNotFoundError: if the extra ``report`` is not installed.
    """
    chosen = _parsed(args)
    file = write_report(chosen.run_dir, chosen.out)
    print(f"Report: {_short(file)} ({file.stat().st_size / 1e6:.1f} MB)")


def _parsed(args: Sequence[str]) -> Namespace:
    parser = _Parser(prog="gan-lightning report", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument(
        "run_dir",
        nargs="+",
        metavar="RUN_DIR",
        help="a run's folder, or one above it, of which the newest run is taken",
    )
    parser.add_argument(
        "--out", help="the file (RUN_DIR/report.html; for several runs report.html in the working folder)"
    )
    chosen, unknown = parser.parse_known_args(args)
    if unknown:
        option = unknown[0].partition("=")[0]
        raise ArgumentError(None, f"report has no option {option}; {nearest(option, ['--out', '--help'])}")
    if chosen.out is not None and Path(chosen.out).suffix not in (".html", ".htm"):
        raise ArgumentError(None, f"--out must end in .html, got {chosen.out!r}")
    return chosen


def _short(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file
