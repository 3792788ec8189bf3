"""Do the techniques against mode collapse do what their papers say? Each against its neutral setting, seed by seed.

One run after the other on one core. A finished run is a file in ``results/``, which a later call skips; the tables in
``README.md`` are written from these files after each run.

    python experiments/claims/run.py [--only NAME ...] [--seeds 3] [--steps N]
"""

import argparse
import json
import logging
import platform
import warnings
from datetime import date

import torch
from claims_table import RESULTS, write_tables
from methods import METHODS
from training import train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=METHODS, default=list(METHODS), metavar="NAME")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="iterations, in the place of each method's own number")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    for name in arguments.only:
        for seed in range(arguments.seeds):
            file = RESULTS / f"{name}-{seed}.json"
            if not file.exists():
                figures = train(METHODS[name], seed, arguments.steps or METHODS[name].steps)
                figures |= {"torch": torch.__version__, "python": platform.python_version()}
                file.write_text(json.dumps(figures | {"date": date.today().isoformat()}, indent=1) + "\n")
                write_tables()
                print(name, seed, {key: figures[key] for key in ("modes", "valid", "tv", "ms_per_step")}, flush=True)
    write_tables()


if __name__ == "__main__":
    main()
