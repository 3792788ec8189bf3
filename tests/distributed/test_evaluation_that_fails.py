"""A figure that one of two ranks cannot compute is missing on both; else a callback that watches would part them."""

import datetime
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import fit, make
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor
from torchmetrics import MeanMetric
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import Dashboard, Evaluation, GeneratorEMA
from gan_lightning.data import TensorData


class FailsOnOne(MeanMetric):
    def compute(self) -> Tensor:
        if os.environ["LOCAL_RANK"] == "1":
            raise ZeroDivisionError
        return super().compute()


def found_by_a_run(folder: str) -> dict[str, Any]:
    gan = make()
    inner = gan.sample

    def sample(n: int, **arguments: Any) -> Tensor:
        if n == 1 and os.environ["LOCAL_RANK"] == "1":  # what a dashboard asks for
            raise ZeroDivisionError
        return inner(n, **arguments)

    gan.sample = sample  # type: ignore[method-assign]
    evaluation = Evaluation({"mean": MeanMetric(), "fails": FailsOnOne()}, every=1, num_samples=16, batch_size=8)
    strategy = DDPStrategy(process_group_backend="gloo", timeout=datetime.timedelta(seconds=60))
    ema = GeneratorEMA()
    callbacks = [ema, evaluation, Dashboard(every=1, samples=2)]
    data = TensorData(torch.randn(32, 2, generator=torch.Generator().manual_seed(0)), batch_size=8)
    fit(gan, data, callbacks=callbacks, devices=2, strategy=strategy, logger=TensorBoardLogger(folder))
    assert evaluation.last is not None
    return {"names": list(evaluation.last.values), "images": ema.state_dict()["images"]}


@pytest.mark.ddp
def test_both_ranks_have_the_same_figures_and_go_on(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    assert results_of_two_ranks(__file__, tmp_path) == [{"names": ["metrics/mean"], "images": 32}] * 2


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    leave_results(found_by_a_run(sys.argv[1]))
