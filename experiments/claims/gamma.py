"""Which strength of R1 and R2 suits this mixture? Short runs on a seed that the claims do not use.

python experiments/claims/gamma.py
"""

import json
import logging
import warnings
from dataclasses import replace

import torch
from claims_table import RESULTS, between_markers, table
from methods import METHODS
from training import train

SEED, STEPS = 100, 4000
GAMMAS = (0.0, 0.001, 0.01, 0.1, 1.0)


def main() -> None:
    torch.set_num_threads(1)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    method, rows = METHODS["relativistic_r1_r2"], []
    for gamma in GAMMAS:
        tried = replace(method, arguments=method.arguments | {"r1_gamma": gamma, "r2_gamma": gamma})
        figures = train(tried, SEED, STEPS)
        rows.append({"gamma": gamma, **{key: figures[key] for key in ("modes", "valid", "tv")}})
        print(rows[-1], flush=True)
    (RESULTS / "gamma.json").write_text(json.dumps(rows, indent=1) + "\n")
    shown = [[f"{row['gamma']:g}", str(row["modes"]), f"{row['valid']:.1%}", f"{row['tv']:.3f}"] for row in rows]
    between_markers("gamma", table(("gamma", "modes", "valid", "TV"), shown))


if __name__ == "__main__":
    main()
