"""Train the rows of the table that are missing, and write the table. A finished run is a file and is not run again.

    python experiments/mixtures/run_mixtures.py [--only NAME ...] [--seeds 0..4] [--workers 1] [--limit N]

A run of 50,000 iterations takes two to six minutes on one core. It may be stopped at any time: what is not finished is
run again.
"""

import argparse
import json
import logging
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from mixture_rows import RECIPES, ROWS, SEEDS
from mixture_run import train
from mixtures_table import write_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = [name for name, row in ROWS.items() if row.recipe in RECIPES]
    parser.add_argument("--only", nargs="+", choices=ROWS, default=default, metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--seeds", type=span, default=SEEDS, help="one, or the first and the last: 0..4")
    parser.add_argument("--workers", type=int, default=1, help="processes that train")
    parser.add_argument("--limit", type=int, help="train at most so many of the missing runs")
    arguments = parser.parse_args()
    wanted = missing(arguments.only, arguments.seeds)[: arguments.limit]
    with ProcessPoolExecutor(arguments.workers) as pool:
        begun = {pool.submit(produce, *key): key for key in wanted}
        for number, done in enumerate(as_completed(begun), 1):
            print(f"{number}/{len(begun)}", *begun[done], done.result(), flush=True)
            write_results()
    write_results()


def span(text: str) -> range:
    """Return the seeds from the first to the last, or the one: "0..4", "7"."""
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1)


def missing(names: Iterable[str], seeds: Iterable[int]) -> list[tuple[str, int]]:
    """Return the runs that are not finished, in the order of the rows."""
    wanted = [(name, seed) for name in names for seed in seeds]
    return [(name, seed) for name, seed in wanted if not ROWS[name].file(seed).exists()]


def produce(name: str, seed: int) -> dict[str, Any]:
    """Train one run, keep its figures, and return the last ones."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    figures = train(ROWS[name], seed)
    file = ROWS[name].file(seed)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(figures))
    part.rename(file)
    last: dict[str, Any] = figures["seen"][-1]
    return last


if __name__ == "__main__":
    main()
