"""Path length regularisation of a linear generator, whose Jacobian is its weight."""

import pytest
import torch
from helpers import fit, make, points
from torch import nn

from gan_lightning.mixins import PathLength


class Spy(PathLength):
    """Draws ones, so that |J^T y| is known, and keeps the terms."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def draw(self, sampler, like, *shape):
        assert sampler is torch.randn
        self.rows = len(like)
        return torch.ones(len(like), *shape)

    def g_terms(self, step):
        terms = super().g_terms(step)
        self.seen.append(float(terms["path"].detach()) if "path" in terms else None)
        return terms


def linear():
    generator = nn.Linear(2, 2)
    with torch.no_grad():
        generator.weight.copy_(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))
    return generator


def test_the_term_is_the_squared_distance_from_the_running_mean():
    gan = make(Spy, generator=linear(), latent_dim=2, path_weight=0.5, path_every=1, path_decay=0.75)
    fit(gan, points(batches=1))
    assert float(gan.path_mean) == pytest.approx(0.25 * 5.0)
    assert gan.seen == pytest.approx([0.5 * (5.0 - 1.25) ** 2])
    assert gan.rows == 4


def test_it_comes_each_kth_turn_of_the_generator_and_k_times_as_strong():
    still = {"optimizer_g": lambda params: torch.optim.SGD(params, lr=0.0)}
    gan = make(Spy, generator=linear(), latent_dim=2, path_every=2, path_decay=0.0, d_steps=2, **still)
    fit(gan, points(batches=8))
    assert [term is not None for term in gan.seen] == [True, False, True, False]
    gan = make(Spy, generator=linear(), latent_dim=2, path_every=3, path_weight=1.0, path_decay=0.99, **still)
    fit(gan, points(batches=1))
    assert gan.seen == pytest.approx([3 * (5.0 - 0.05) ** 2])


def test_it_evens_the_slopes():
    def unevenness(weight):
        generator = linear()
        quick = {"optimizer_g": lambda params: torch.optim.Adam(params, lr=0.02)}
        settings = {"path_every": 1, "path_decay": 0.5, "path_shrink": 1}
        fit(
            make(PathLength, generator=generator, latent_dim=2, path_weight=weight, **settings, **quick), points(8, 100)
        )
        values = torch.linalg.svdvals(generator.weight.detach())
        return float(values[0] / values[1])

    assert unevenness(2.0) < unevenness(0.0) - 0.1


@pytest.mark.parametrize(
    "arguments", [{"path_weight": -1.0}, {"path_decay": 1.0}, {"path_every": 0}, {"path_shrink": 0}]
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected path_"):
        make(PathLength, **arguments)
