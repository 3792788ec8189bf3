"""Distances between batch statistics, against closed forms and loops over samples written from the formulas."""

import math
import subprocess
import sys

import pytest
import torch
import torch.distributed as dist

from gan_lightning.functional import MATCHINGS, match_mean_l1, match_mean_l2, match_mmd, match_moments

NAMES = ["mean_l2", "mean_l1", "moments", "mmd"]


def features(n, seed, shift=0.0, size=3):
    generator = torch.Generator().manual_seed(seed)
    return shift + torch.randn(n, size, generator=generator, dtype=torch.float64)


def columns(x):
    return [[row[f] for row in x.tolist()] for f in range(x.shape[1])]


def mean(values):
    return sum(values) / len(values)


def variance(values):
    return mean([(v - mean(values)) ** 2 for v in values])


def slow_mmd(real, fake):
    """Two sums over pairs of different samples and one over all pairs, sample by sample."""
    real, fake = real.tolist(), fake.tolist()
    joined = real + fake

    def squared(a, b):
        return sum((p - q) ** 2 for p, q in zip(a, b, strict=True))

    pairs = [(i, j) for i in range(len(joined)) for j in range(len(joined)) if i != j]
    scale = mean([squared(joined[i], joined[j]) for i, j in pairs])

    def kernel(a, b):
        return mean([math.exp(-squared(a, b) / (width * scale)) for width in (0.25, 0.5, 1, 2, 4)])

    def within(x):
        return mean([kernel(x[i], x[j]) for i in range(len(x)) for j in range(len(x)) if i != j])

    return within(real) + within(fake) - 2 * mean([kernel(a, b) for a in real for b in fake])


def slow_means(real, fake, power):
    return sum(abs(mean(r) - mean(f)) ** power for r, f in zip(columns(real), columns(fake), strict=True))


def slow_variances(real, fake):
    return sum((variance(r) - variance(f)) ** 2 for r, f in zip(columns(real), columns(fake), strict=True))


SLOW = {
    "mean_l2": lambda real, fake: slow_means(real, fake, 2),
    "mean_l1": lambda real, fake: slow_means(real, fake, 1),
    "moments": lambda real, fake: slow_means(real, fake, 2) + slow_variances(real, fake),
    "mmd": slow_mmd,
}


def test_there_is_a_reference_for_each_distance():
    assert list(MATCHINGS) == list(SLOW) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_matches_a_loop_over_samples(name):
    real, fake = features(6, 1), features(5, 2, shift=0.5)
    assert MATCHINGS[name](real, fake).item() == pytest.approx(SLOW[name](real, fake), rel=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_samples_does_not_matter(name):
    real, fake = features(16, 1), features(16, 2, shift=0.5)
    shuffled = MATCHINGS[name](real[torch.randperm(16)], fake[torch.randperm(16)])
    torch.testing.assert_close(shuffled, MATCHINGS[name](real, fake))


@pytest.mark.parametrize("name", NAMES)
def test_losing_diversity_is_no_gain(name):
    """The mean of pairwise differences would fall when the samples collapse on their mean."""
    real, fake = features(64, 1), features(64, 2)
    collapsed = fake.mean(0) + 0.1 * (fake - fake.mean(0))
    before, after = MATCHINGS[name](real, fake), MATCHINGS[name](real, collapsed)
    if name.startswith("mean"):
        torch.testing.assert_close(after, before)
    else:
        assert after > before + 0.1


@pytest.mark.parametrize("name", ["mean_l2", "moments"])
def test_the_gradient_is_exact(name):
    real, fake = features(5, 1), features(4, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: MATCHINGS[name](real, x), fake)


def test_the_gradient_of_the_mmd_holds_the_widths_fixed():
    """At scale s, the gradient of exp(-|a - b|^2 / (w s)) by a is -2 (a - b) / (w s) times it."""
    real, fake = features(4, 1), features(3, 2).requires_grad_()
    (gradient,) = torch.autograd.grad(match_mmd(real, fake), fake)
    with torch.no_grad():
        joined = torch.cat([real, fake])
        distances = [(a - b).square().sum() for i, a in enumerate(joined) for j, b in enumerate(joined) if i != j]
        scale = sum(distances) / len(distances)

        def slope(a, b):
            powers = [(width * scale, a - b) for width in (0.25, 0.5, 1, 2, 4)]
            return sum(-2 * d / w * (-d.square().sum() / w).exp() for w, d in powers) / 5

        for i, y in enumerate(fake):
            others = [other for j, other in enumerate(fake) if j != i]
            # y stands in 2 (m - 1) of the m (m - 1) ordered pairs of fakes, and in n of the n m mixed ones
            slow = 2 * sum(slope(y, o) for o in others) / (3 * 2) - 2 * sum(slope(y, x) for x in real) / (4 * 3)
            torch.testing.assert_close(gradient[i], slow)


def test_the_mmd_of_one_distribution_is_zero_on_average():
    """The biased estimate would be 2/n (1 - E k) = 0.1 here."""
    estimates = [match_mmd(features(8, seed), features(8, seed + 1000)) for seed in range(400)]
    values = torch.stack(estimates)
    error = values.std() / math.sqrt(len(values))
    assert values.mean().abs() < 4 * error < 0.02


def test_the_mmd_sees_what_means_and_variances_do_not():
    """Two points at -1 and 1 against a normal distribution of the same mean and variance."""
    two = torch.ones(128, 1)
    two[::2] = -1
    normal = torch.randn(128, 1)
    normal = (normal - normal.mean()) / normal.std(correction=0)
    assert match_moments(two, normal) < 1e-10
    assert match_mmd(two, normal) > 0.02


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_reduced_in_float32(name):
    real, fake = features(8, 1).bfloat16(), features(8, 2).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = MATCHINGS[name](real, fake)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, MATCHINGS[name](real.float(), fake.float()))


@pytest.mark.parametrize("name", NAMES)
def test_feature_maps_are_features_by_the_place(name):
    real, fake = torch.randn(4, 2, 3, 3), torch.randn(4, 2, 3, 3)
    torch.testing.assert_close(MATCHINGS[name](real, fake), MATCHINGS[name](real.flatten(1), fake.flatten(1)))


def test_features_that_are_all_the_same_have_a_finite_gradient():
    fake = torch.ones(4, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(match_mmd(torch.ones(4, 3), fake), fake)
    assert gradient.isfinite().all()


def test_the_mmd_is_exact_far_from_zero():
    real, fake = features(8, 1).float(), features(8, 2).float()
    torch.testing.assert_close(match_mmd(real + 1000, fake + 1000), match_mmd(real, fake), rtol=0, atol=1e-3)


def test_the_mmd_needs_two_of_each_kind():
    with pytest.raises(ValueError, match="got 4 real and 1 generated"):
        match_mmd(torch.zeros(4, 2), torch.zeros(1, 2))


def test_the_pull_of_the_l1_distance_does_not_fade():
    fake = torch.full((4, 1), 1e-3, requires_grad=True)
    (gradient,) = torch.autograd.grad(match_mean_l1(torch.zeros(4, 1), fake), fake)
    torch.testing.assert_close(gradient.sum(), torch.tensor(1.0))
    (gradient,) = torch.autograd.grad(match_mean_l2(torch.zeros(4, 1), fake), fake)
    torch.testing.assert_close(gradient.sum(), torch.tensor(2e-3))


def averaged_gradients():
    """The gradient of a generator's weight as the training loop makes it, from this rank's rows."""
    real, z = features(8, 1), features(8, 2, shift=0.5)
    if dist.is_initialized():
        rank = dist.get_rank()
        real, z = real[4 * rank : 4 * rank + 4], z[4 * rank : 4 * rank + 4]
    weight = torch.eye(3, dtype=torch.float64, requires_grad=True)
    found = []
    for match in MATCHINGS.values():
        value = match(real, (z @ weight).tanh())
        (gradient,) = torch.autograd.grad(value, weight)
        found.append(torch.cat([value.detach().view(1), gradient.flatten()]))
    result = torch.stack(found)
    if dist.is_initialized():
        dist.all_reduce(result)
        result /= dist.get_world_size()
    return result


@pytest.mark.ddp
def test_two_ranks_equal_one_with_the_joined_batch(tmp_path):
    processes = [subprocess.Popen([sys.executable, __file__, str(tmp_path), str(rank)]) for rank in range(2)]
    try:
        codes = [process.wait(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert codes == [0, 0]
    for rank in range(2):
        result = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        torch.testing.assert_close(result, averaged_gradients(), rtol=1e-10, atol=1e-12)


if __name__ == "__main__":
    folder, own_rank = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=own_rank, world_size=2)
    torch.save(averaged_gradients(), f"{folder}/{own_rank}.pt")
    dist.destroy_process_group()
