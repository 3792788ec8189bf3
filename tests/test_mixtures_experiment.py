"""The ring and the grid: the protocol, its measures, and that the tables say what the results say."""

import json
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

sys.path.append(str(Path(__file__).parents[1] / "experiments" / "mixtures"))

import mixture_rows
import mixture_run
import mixtures_table
import run_mixtures
from mixture_rows import CHOOSING, MIXTURES, PUBLISHED, RECIPES, ROWS, SEEDS, TRIED

from gan_lightning.data import GaussianMixture
from gan_lightning.metrics import ModeCoverage

SHORT = {"trainer.max_steps": "2", "curve.every": "1", "data.init_args.num_samples": "512"}
PARAMETERS_G, PARAMETERS_D = 18_946, (17_025, 17_281, 17_793)
"""As published, the discriminator's for single samples and for packs of two; then that for packs of four."""


def count(network):
    return sum(p.numel() for p in network.parameters())


def by_the_published_rule(samples, centers, sigma):
    """Count by hand: valid within three sigma of the nearest centre, found with 1 % of all samples."""
    inside = [0] * len(centers)
    for sample in samples.tolist():
        distances = [((sample[0] - x) ** 2 + (sample[1] - y) ** 2) ** 0.5 for x, y in centers.tolist()]
        nearest = min(range(len(centers)), key=distances.__getitem__)
        inside[nearest] += distances[nearest] <= 3 * sigma
    shares = [k / len(samples) for k in inside]
    invalid = 1 - sum(shares)
    variation = 0.5 * (sum(abs(share - 1 / len(centers)) for share in shares) + invalid)
    return {"modes": sum(share >= 0.01 for share in shares), "valid": 1 - invalid, "tv": variation}


def coverage_of(samples, data):
    coverage = ModeCoverage(data.centers, data.sigma)
    coverage.update(samples)
    return {name: float(value) for name, value in coverage.compute().items()}


@pytest.mark.parametrize("mixture", MIXTURES)
class TestMeasure:
    def test_it_is_the_published_one(self, mixture):
        data = GaussianMixture(mixture, MIXTURES[mixture], sigma=0.1)
        drawn = torch.multinomial(torch.rand(MIXTURES[mixture]) ** 4, 2000, replacement=True)
        samples = data.centers[drawn] + 0.2 * torch.randn(2000, 2)
        found, expected = coverage_of(samples, data), by_the_published_rule(samples, data.centers, data.sigma)
        assert 0 < expected["modes"] < MIXTURES[mixture]
        assert {name: found[name] for name in expected} == pytest.approx(expected)

    def test_it_is_never_below_the_share_of_invalid_samples(self, mixture):
        data = GaussianMixture(mixture, MIXTURES[mixture], sigma=0.1, num_samples=5000)
        even = data.load()[0] + 0.15 * torch.randn(5000, 2)
        uneven = torch.cat([even[:2500], data.centers[:1].repeat(2500, 1)])
        even, uneven = coverage_of(even, data), coverage_of(uneven, data)
        assert even["tv"] == pytest.approx(1 - even["valid"], abs=0.01)
        assert uneven["tv"] > 1 - uneven["valid"] + 0.2


@pytest.mark.parametrize("name", ["grid_vanilla", *(name for name in ROWS if name.startswith("ring"))])
def test_a_row_trains_what_the_table_says(name):
    row = ROWS[name]
    cli = mixture_run.fit(row, seed=3, **SHORT)
    gan, data, beyond = cli.model, cli.datamodule, (RECIPES | TRIED)[row.recipe].beyond
    assert (data.layout, len(data.centers), data.sigma, data.batch_size, data.seed) == (
        row.mixture, MIXTURES[row.mixture], 0.1, 256, 3,
    )  # fmt: skip
    assert data.radius == 2.0 if row.mixture == "ring" else data.spacing == 1.5
    assert (gan.latent_dim, gan.d_steps, gan.g_steps, gan.iteration) == (16, 1, 1, 2)
    assert count(gan.generator) == PARAMETERS_G
    assert count(gan.discriminator) in PARAMETERS_D
    slopes = {each.negative_slope for each in gan.modules() if isinstance(each, nn.LeakyReLU)}
    assert ({each for each in gan.modules() if isinstance(each, nn.ReLU)} == set()) == ("RELU" not in beyond)
    assert slopes == {0.2}
    for optimizer in cli.trainer.optimizers:
        group = optimizer.param_groups[0]
        assert group["betas"] == (0.5, 0.999)
        assert (group.get("initial_lr", group["lr"]) == 2e-4) == ("RATES" not in beyond)


def test_runs_of_a_seed_are_the_same_and_the_average_is_measured_if_there_is_one():
    once, again, other = (mixture_run.train(ROWS["ring_pacgan2"], seed, **SHORT) for seed in (0, 0, 1))
    assert once["seen"] == again["seen"] != other["seen"]
    assert [figures["iteration"] for figures in once["seen"]] == [1, 2]
    assert once["seen"] == once["seen_raw"]
    callback = '[{"class_path": "gan_lightning.callbacks.GeneratorEMA"}]'
    averaged = mixture_run.train(ROWS["ring_pacgan2"], 0, **SHORT, **{"trainer.callbacks+": callback})
    assert averaged["seen_raw"] == once["seen"] != averaged["seen"]


class TestRunner:
    @pytest.fixture
    def trained(self, tmp_path, monkeypatch):
        """Return the list of what was trained, in a folder of its own, in the place of training it."""
        done = []

        def train(row, seed):
            done.append((row.name, seed))
            seen = [{"iteration": k, **dict.fromkeys(("modes", "valid", "tv"), float(seed))} for k in (10_000, 50_000)]
            return {"row": row.name, "seed": seed, "seen": seen, "seen_raw": seen}

        monkeypatch.setattr(mixture_rows, "RUNS", tmp_path)
        monkeypatch.setattr(run_mixtures, "train", train)
        return done

    def test_what_is_finished_is_not_run_again(self, trained, tmp_path):
        assert run_mixtures.missing(["ring_vanilla"], range(2)) == [("ring_vanilla", 0), ("ring_vanilla", 1)]
        run_mixtures.produce("ring_vanilla", 1)
        assert run_mixtures.missing(["ring_vanilla"], range(2)) == [("ring_vanilla", 0)]
        (tmp_path / "ring_vanilla-0.part").write_text("stopped in the mid")
        assert run_mixtures.missing(["ring_vanilla"], range(2)) == [("ring_vanilla", 0)]
        assert trained == [("ring_vanilla", 1)]

    def test_results_grow_and_nothing_is_lost(self, trained, tmp_path, monkeypatch):
        monkeypatch.setattr(mixtures_table, "RUNS", tmp_path)
        monkeypatch.setattr(mixtures_table, "RESULTS", tmp_path / "results" / "mixtures.json")
        monkeypatch.setattr(mixtures_table, "between_markers", lambda *_: None)
        for seed in (1, 0):
            run_mixtures.produce("ring_vanilla", seed)
            mixtures_table.write_results()
            ROWS["ring_vanilla"].file(seed).unlink()
        results = mixtures_table.load()
        assert [run["seed"] for run in results] == [0, 1]
        assert results[1]["at"]["50000"] == {"modes": 1.0, "valid": 1.0, "tv": 1.0}

    def test_seeds_are_named_by_their_ends(self):
        assert run_mixtures.span("0..4") == range(5) == SEEDS
        assert run_mixtures.span("7") == range(7, 8)


GOOD = {"modes": 8.0, "valid": 0.96, "tv": 0.05}


class TestTable:
    @pytest.mark.parametrize(
        ("last", "expected"),
        [(GOOD, "met"), ({**GOOD, "modes": 7.0}, "missed"), ({**GOOD, "tv": 0.06}, "missed")],
    )
    def test_a_target_is_met_by_all_seeds(self, last, expected):
        assert mixtures_table.verdict("ring", [GOOD] * 4 + [last]) == expected

    def test_a_target_is_not_met_by_a_few_seeds(self):
        assert mixtures_table.verdict("ring", [GOOD] * 4) == "4 of 5 seeds"

    def test_a_target_of_the_grid_asks_for_valid_samples_too(self):
        good = {"modes": 25.0, "valid": 0.8, "tv": 0.15}
        assert mixtures_table.verdict("grid", [good] * 5) == "met"
        assert mixtures_table.verdict("grid", [{**good, "valid": 0.7}] * 5) == "missed"

    def test_the_readme_says_what_the_results_say(self):
        readme = (mixture_rows.HERE / "README.md").read_text()
        for name, text in mixtures_table.tables_of(mixtures_table.load()).items():
            assert readme.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- /{name} -->")[0] == text

    def test_seeds_that_chose_the_recipes_are_not_in_the_tables(self):
        assert not set(CHOOSING) & set(SEEDS)
        run = {"row": "ring_vanilla", "at": {"50000": GOOD}}
        runs = [{**run, "seed": 0}, {**run, "seed": CHOOSING[0], "at": {"50000": {**GOOD, "tv": 0.9}}}]
        line, *_ = mixtures_table.lines_of(runs, "ring", 50_000)
        assert line[7] == "0.050"
        assert [line[-1] for line in mixtures_table.candidates(runs)] == ["0.900"]

    def test_what_is_published_is_of_rows_that_are_there(self):
        assert {recipe for _, recipe, _ in PUBLISHED} - {"paired"} <= RECIPES.keys()

    def test_every_recipe_has_its_file(self):
        files = {file.stem for file in (mixture_rows.HERE / "recipes").glob("*.yaml")}
        assert files | {"vanilla"} == set(RECIPES) | set(TRIED)
        assert not set(RECIPES) & set(TRIED)
        assert json.loads(mixtures_table.RESULTS.read_text())
