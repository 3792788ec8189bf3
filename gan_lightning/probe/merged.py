"""The judgements of a batch from the calls of one or several discriminators."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from gan_lightning.probe.asked import Asked, Opinion
from gan_lightning.probe.networks import Role
from gan_lightning.probe.record import Judgement


def opinions_in(calls: Sequence[Asked]) -> list[Opinion]:
    """Return the opinions that were given in calls, in order, of which argument the samples are known from all."""
    found: list[Opinion] = []
    for asked in calls:
        of_network = [each for each in calls if each.network is asked.network]
        by_pairs = all(each.is_pair for each in of_network)
        found += asked.opinions(_place(of_network), by_pairs)
    return found


def judgements_of(
    opinions: Sequence[Opinion], steps: Sequence[Role], unseen: AbstractContextManager[None]
) -> list[Judgement]:
    """Return what all discriminators together think: the mean of their logits of the same samples.

    Args:
        opinions: of single discriminators.
        steps: whose optimizers stepped, in order.
        unseen: within it, calls are not recorded.
    """
    groups: dict[object, list[Opinion]] = {}
    times: Counter[object] = Counter()
    for each in opinions:
        same = (each.asked.step, each.run.kind, each.run.origins, len(each.samples), each.has_gradient)
        times[each.asked.network, same] += 1
        groups.setdefault((same, times[each.asked.network, same]), []).append(each)
    with_gradient = {each.asked.step for each in opinions if each.has_gradient and each.run.kind == "fake"}
    generators = {step for step in with_gradient if steps[step : step + 1] == ["generator"]}
    if not generators and "generator" in steps:
        generators = with_gradient  # both backward passes came first, then both steps
    return [_judgement(group, generators, unseen) for group in groups.values()]


def _judgement(group: list[Opinion], generators: set[int], unseen: AbstractContextManager[None]) -> Judgement:
    first = group[0]
    alike = [each.question for each in group if each.samples.shape == first.samples.shape]

    def judge(x: Tensor) -> Tensor:
        with unseen:
            return torch.stack([question(x) for question in alike]).mean(0)

    logits = torch.stack([each.logits for each in group]).mean(0)
    is_for_generator = first.run.kind == "fake" and first.has_gradient and first.asked.step in generators
    return Judgement(first.run.kind, first.samples, logits, is_for_generator, judge)


def _place(calls: Sequence[Asked]) -> int:
    """Return which floating argument holds the samples: the first that is ever generated, else the first."""
    places = (
        place for asked in calls for place, seen in enumerate(asked.seen) if any(r.kind == "fake" for r in seen.runs)
    )
    return min(places, default=0)
