"""How many of the runs that fail when left alone end as well as their healthy twins."""

import json
from pathlib import Path
from statistics import mean, median

from recipes import Run
from rescue_plan import ARMS, Arm
from tables import between_markers, share, table
from truth import LAST, Looks, word

RESULTS = Path(__file__).parent / "results"
WITHIN = 0.1
"""Of the twin's score: a tenth fewer modes, or a tenth of the scale (0 to 1) in the distances, is as well as it."""

Score = dict[str, float]
All = dict[tuple[Arm, Run], Looks]


def write_table(all_looks: All) -> None:
    """Write the table into the README, and a line per run beside it."""
    scores = {key: score(looks) for key, looks in all_looks.items()}
    alone = {run: looks for (arm, run), looks in all_looks.items() if arm == "alone"}
    failed = [run for run, looks in alone.items() if fails(run, looks)]
    well = {run for run, looks in alone.items() if word(run.recipe, looks) != "failed"}
    lines = [{"arm": arm, "run": run.name, **found} for (arm, run), found in scores.items()]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "rescue.json").write_text("[\n" + ",\n".join(map(json.dumps, lines)) + "\n]\n")
    families = dict.fromkeys(run.recipe.setting.family for run in failed)
    rows = [_row(family, [run for run in failed if run.recipe.setting.family == family], scores) for family in families]
    names = dict.fromkeys(run.recipe.name for run in failed)
    rows += [_row(name, [run for run in failed if run.recipe.name == name], scores) for name in names]
    parts = [table(("runs that fail alone", *ARMS), [*rows, _row("all", failed, scores)]), _harm(scores, well)]
    between_markers("rescue", "\n\n".join(parts))


def score(looks: Looks) -> Score:
    """Return the medians over the last looks; the worst possible where samples were not finite."""
    names = sorted({name for look in looks for name in look} - {"iteration", "grade", "finite"})
    worst = {name: 0.0 if name in ("covered", "agreement", "spread") else 1.0 for name in names or ["covered"]}
    return {name: median(look.get(name, worst[name]) for look in looks[-LAST:]) for name in worst}


def rescued(own: Score, twin: Score) -> bool:
    """Tell whether a run ended within a tenth of its twin's score."""
    if own.keys() != twin.keys():
        return False
    rises = own["covered"] >= (1 - WITHIN) * twin["covered"]
    return rises and all(own[name] <= twin[name] + WITHIN for name in own.keys() & {"tv", "distance"})


def fails(run: Run, looks: Looks) -> bool:
    """Tell whether a run that should not end well does not."""
    return run.recipe.condition != "plain" and word(run.recipe, looks) == "failed"


def _twin(run: Run, scores: dict[tuple[Arm, Run], Score]) -> Score | None:
    """Return the medians over the healthy runs in the same setting."""
    alike = [
        found
        for (arm, other), found in scores.items()
        if arm == "alone" and other.recipe.condition == "plain" and other.recipe.setting == run.recipe.setting
    ]
    return {name: median(found[name] for found in alike) for name in alike[0]} if alike else None


def _row(name: str, runs: list[Run], scores: dict[tuple[Arm, Run], Score]) -> list[str]:
    cells = []
    for arm in ARMS:
        done = [run for run in runs if (arm, run) in scores and _twin(run, scores)]
        cells.append(share(sum(rescued(scores[arm, run], _twin(run, scores) or {}) for run in done), len(done)))
    return [name, *cells]


def _harm(scores: dict[tuple[Arm, Run], Score], well: set[Run]) -> str:
    """Say what the ladder did to runs without a fault that do not fail when left alone, pair by pair."""
    pairs = [
        (scores["alone", run], found)
        for (arm, run), found in scores.items()
        if arm == "ladder" and run.recipe.condition == "plain" and run in well
    ]
    if not pairs:
        return ""
    worse = sum(not rescued(with_ladder, alone) for alone, with_ladder in pairs)
    change = mean(with_ladder["tv"] - alone["tv"] for alone, with_ladder in pairs)
    same = sum(alone == with_ladder for alone, with_ladder in pairs)
    return (
        f"Runs without a fault that do not fail, with and without the ladder, {len(pairs)} pairs: {worse} end worse by "
        f"more than a tenth, {same} end the same; TV changes by {change:+.3f} on average."
    )
