"""``results/peers.json`` from the finished runs, and the tables of ``README.md`` from that file alone.

python experiments/peers/peers_table.py
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from peers_lineup import FAULTED, HERE, PEERS
from said import code_lines, last, new_lines, shows_nan

sys.path.append(str(Path(__file__).parents[1] / "mixtures"))

from readme_tables import between_markers, table

RESULTS = HERE / "results" / "peers.json"
RUNS = HERE / "results" / "runs"
TARGET = 1.3
"""How many times as long as ours, watched, a peer's step is to take, at least."""
OURS = ("ours", "unwatched")
RACE = ("contestant", "version", "ms per step", "x ours, watched", "x ours, not watched", "target", "lines of code")
MODES = ("contestant", "modes of 25", "valid", "TV")
FAULTS = (
    "contestant",
    "learning rates x 20: modes",
    "prints anything new",
    "NaN in one batch: samples that are numbers at the end",
    "its losses show NaN",
    "prints anything new",
)

Results = dict[str, dict[str, Any]]
"""By the name of the run."""


def write_results() -> None:
    """Add what has been finished to the results, and write the tables."""
    known = load()
    for file in sorted(RUNS.glob("*.json")):
        run = json.loads(file.read_text())
        known[run.pop("run")] = _without_what_was_usual(run, file)
    lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known)]
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    for name, text in tables_of(load()).items():
        between_markers(name, text, HERE / "README.md")


def load() -> Results:
    """Return all results, none if there are none yet."""
    found: Results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return found


def tables_of(results: Results) -> dict[str, str]:
    """Return what the README has between its markers."""
    races = {name: run for name, run in results.items() if name.startswith("race")}
    return {
        "budget": "Measured: " + ", ".join(f"{name} ({run['iterations']:,} iterations)" for name, run in races.items()),
        "races": table(RACE, [_race_row(name, list(races.values())) for name in PEERS]),
        "modes": table(MODES, [_modes_row(name, results.get(f"fault-none-{name}")) for name in FAULTED]),
        "faults": table(FAULTS, [_fault_row(name, results) for name in FAULTED]),
        "collapse": "\n\n".join(_quote(name, results.get(f"fault-collapse-{name}")) for name in FAULTED),
        "nan": "\n\n".join(_quote(name, results.get(f"fault-nan-{name}")) for name in FAULTED),
        "shims": "\n".join(f"- {peer.title}: {peer.shim}." for peer in PEERS.values() if peer.shim),
    }


def times(name: str, other: str, races: Iterable[Mapping[str, Any]]) -> float:
    """Return the median over all rounds of a contestant's time over another's within the round."""
    ratio: float = median(a / b for run in races for a, b in zip(run["ms"][name], run["ms"][other], strict=True))
    return ratio


def _without_what_was_usual(run: dict[str, Any], file: Path) -> dict[str, Any]:
    """Replace what a run with a fault has printed by what is not printed without one, and by its last lines."""
    if "said" in run:
        said = run.pop("said")
        usual = file.with_name(file.name.replace(file.stem.split("-")[1], "none"))
        if usual.exists():
            run["new"] = new_lines(said, json.loads(usual.read_text())["said"])
        run |= {"last": last(said), "shows_nan": shows_nan(said)}
    return run


def _race_row(name: str, races: list[dict[str, Any]]) -> list[str]:
    peer = PEERS[name]
    cells = ["", "", "", ""]
    if races:
        ratios = [times(name, own, races) for own in OURS]
        step = median(ms for run in races for ms in run["ms"][name])
        target = "" if name in OURS else "met" if ratios[0] >= TARGET else "missed"
        cells = [f"{step:.2f}", *(f"{ratio:.2f}" for ratio in ratios), target]
    lines = code_lines((HERE / "contestants" / peer.file).read_text())
    return [peer.title, peer.requirement.partition("==")[2], *cells, str(lines)]


def _modes_row(name: str, run: Mapping[str, Any] | None) -> list[str]:
    if not run:
        return [PEERS[name].title, "", "", ""]
    found = run["modes"]
    return [PEERS[name].title, f"{found['modes']:.0f}", f"{found['valid']:.1%}", f"{found['tv']:.3f}"]


def _fault_row(name: str, results: Results) -> list[str]:
    collapse, nan = (results.get(f"fault-{fault}-{name}") for fault in ("collapse", "nan"))
    usual = results.get(f"fault-none-{name}")
    cells = ["", "", "", "", ""]
    if collapse and usual:
        cells[:2] = [f"{collapse['modes']['modes']:.0f} (without: {usual['modes']['modes']:.0f})", _news(collapse)]
    if nan:
        cells[2:] = [f"{nan['modes']['finite']:.0%}", "yes" if nan["shows_nan"] else "no", _news(nan)]
    return [PEERS[name].title, *cells]


def _news(run: Mapping[str, Any]) -> str:
    if run["over"] != "ended":
        return f"it ends with a `{run['over'].partition(':')[0]}`"
    return "yes" if run.get("new") else "no"


def _quote(name: str, run: Mapping[str, Any] | None) -> str:
    if not run:
        return f"{PEERS[name].title}: not run yet."
    shown, what = (
        (run["new"], "prints what it does not print without the fault")
        if run.get("new")
        else (run["last"], "prints nothing else than usual, and ends with")
    )
    lines = "\n".join(shown)
    return f"{PEERS[name].title} {what}:\n\n```\n{lines}\n```"


if __name__ == "__main__":
    write_results()
