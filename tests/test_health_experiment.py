"""The proof of the health package: its oracle, its truth and its counting, apart from any detector."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch

sys.path.append(str(Path(__file__).parents[1] / "experiments" / "health"))

import building
import one_run
import oracle
import plan
import produce
import rescue_table
import sources
import tables
import truth
from conditions import CONDITIONS
from events import OneSample, PixelNaN, ScaledRate, SqueezedLatents, StarvedGenerator, StuckLoader
from judged import Case, judge
from kept_windows import WindowKeeper, measured
from outcome import Outcome
from recipes import Recipe, Run, Setting

from gan_lightning.health import HealthMonitor
from gan_lightning.health.detectors import default_detectors
from gan_lightning.health.verdict import Kind

RING = Setting("ring8", "ns")
PLAIN = Recipe("plain", RING)
ALL = [*plan.recipes_of(plan.SEEN), *plan.recipes_of(plan.UNSEEN)]


def looks(signs):
    grades = {"+": "good", ".": "grey", "-": "bad"}
    return [{"iteration": 100 * (i + 1), "grade": grades[sign], "covered": 1.0} for i, sign in enumerate(signs)]


class TestPlan:
    def test_the_halves_share_no_run_and_no_seed(self):
        design, held_out = (plan.runs_of(half) for half in plan.HALVES)
        assert not set(design) & set(held_out)
        assert {run.seed % 2 for run in design} == {0}
        assert {run.seed % 2 for run in held_out} == {1}

    def test_each_run_is_there_once_and_has_a_file_of_its_own(self):
        for half in plan.HALVES:
            names = Counter(run.name for run in plan.runs_of(half))
            assert set(names.values()) == {1}

    def test_what_is_unseen_is_not_in_the_design_half(self):
        design = {run.recipe for run in plan.runs_of("design")}
        assert not design & set(plan.recipes_of(plan.UNSEEN))

    def test_every_condition_is_used_and_expects_kinds_that_exist(self):
        assert {recipe.condition for recipe in ALL} >= CONDITIONS.keys() - {"spectral_d"}
        for condition in CONDITIONS.values():
            assert condition.expected
            assert set(condition.expected) <= set(get_args(Kind))

    @pytest.mark.parametrize(
        "recipe", [recipe for recipe in ALL if recipe.setting.data != "mnist"], ids=lambda r: r.name
    )
    def test_it_can_be_built(self, recipe):
        condition = CONDITIONS[recipe.condition]
        module = building.module_of(condition, recipe.setting)
        samples, _ = oracle.samples_of(module, 4)
        assert samples.shape[1:] == sources.load(recipe.setting.data).shape


class TestOracle:
    def test_the_data_themselves_are_good(self):
        source = sources.load("grid25")
        figures, _ = oracle._at_centers(source.samples[:4096], source)
        assert oracle.grade(figures) == "good"

    def test_half_of_the_modes_is_bad(self):
        source = sources.load("ring8")
        figures, _ = oracle._at_centers(source.samples[source.label < 4][:4096], source)
        assert figures["covered"] == 0.5
        assert oracle.grade(figures) == "bad"

    def test_a_blob_in_the_middle_serves_no_mode(self):
        figures, _ = oracle._at_centers(0.1 * torch.randn(4096, 2), sources.load("ring8"))
        assert figures["covered"] == 0.0
        assert oracle.grade(figures) == "bad"

    def test_digits_are_good_and_a_few_of_them_are_bad(self):
        source = sources.load("digits")
        assert oracle.classifier("digits").accuracy > 0.95
        everything, _ = oracle._at_classes(source.samples, "digits")
        assert oracle.grade(everything) == "good"
        few, _ = oracle._at_classes(source.samples[source.label < 5], "digits")
        assert oracle.grade(few) == "bad"

    def test_noise_is_bad(self):
        noise, _ = oracle._at_classes(torch.rand(2048, 1, 8, 8) * 2 - 1, "digits")
        assert oracle.grade(noise) == "bad"

    def test_samples_that_are_not_finite_are_bad(self):
        assert oracle.grade({"finite": 0.0}) == "bad"

    def test_the_wrong_classes_are_bad(self):
        assert oracle.grade({"covered": 1.0, "tv": 0.0, "agreement": 0.1}) == "bad"

    def test_looking_leaves_the_random_state_alone(self):
        module = building.module_of(CONDITIONS["plain"], RING)
        before = torch.get_rng_state()
        oracle.look(module, "ring8", 1.0)
        assert torch.equal(torch.get_rng_state(), before)


class TestTruth:
    @pytest.mark.parametrize(
        ("signs", "expected"),
        [
            ("---+++++", "healthy"),
            ("++++----", "failed"),
            ("+++..+++", "healthy"),
            ("+++.....", "grey"),
            ("++++++-+", "grey"),
        ],
    )
    def test_word(self, signs, expected):
        assert truth.word(PLAIN, looks(signs)) == expected

    def test_what_is_broken_has_failed_however_its_samples_look(self):
        assert truth.word(Recipe("frozen_g", RING), looks("++++++")) == "failed"

    def test_the_onset_is_the_first_bad_look_after_the_last_good_one(self):
        assert truth.onset(PLAIN, looks("--++.----"), learned=900) == 600

    def test_a_run_that_was_never_well_has_failed_when_its_twins_are_well(self):
        assert truth.onset(PLAIN, looks("-----"), learned=300) == 300

    def test_by_construction_it_is_where_the_fault_struck(self):
        assert truth.onset(Recipe("nan", RING), looks("+++-"), learned=300) == CONDITIONS["nan"].at

    def test_twins_are_those_in_the_same_setting_first(self):
        hinge = RING._replace(loss="hinge")
        twins = truth.Twins([(RING, looks("--+")), (hinge, looks("+"))])
        assert (twins.learned(RING), twins.learned(hinge)) == (300, 100)
        assert twins.learned(RING._replace(loss="lsgan")) == 200


def outcome(condition, cases, onset=None, word="failed"):
    return Outcome("run", condition, "2-D", word, onset, tuple(cases), {})


class TestOutcome:
    def test_a_verdict_that_was_over_before_the_onset_does_not_count(self):
        over = Case("mode_collapse", "failure", 400, 900, 300)
        assert not outcome("lr_g_x20", [over], onset=1000).found

    def test_one_that_stands_is_no_delay(self):
        stands = Case("mode_collapse", "failure", 400, None, 300)
        assert outcome("lr_g_x20", [stands], onset=1000).delay == 0

    def test_an_alarm_before_the_fault_is_false(self):
        cases = [Case("divergence", "failure", 1000, None, 900)]
        early = outcome("nan", cases, onset=1500)
        assert (early.found, early.premature) == ([], cases)

    def test_the_right_kind_is_what_the_recipe_names(self):
        cases = [Case("oscillation", "failure", 1600, None, 1600), Case("divergence", "failure", 1700, None, 1700)]
        found = outcome("nan", cases, onset=1500)
        assert found.found == cases
        assert found.right == cases[1:]
        assert found.delay == 200

    def test_alarms_that_the_oracle_agrees_with_are_not_false(self):
        grades = ["bad", "good", "good", "bad", "bad", "bad", "good", "good"]
        looks = [{"iteration": 100 * k, "grade": grade} for k, grade in enumerate(grades, 1)]
        agreed = [iteration for iteration in range(100, 900, 100) if truth.agrees(looks, iteration)]
        assert agreed == [500, 600, 700]
        case = Case("mode_collapse", "failure", 600, 700, 400)
        told = outcome("plain", [case], word="healthy")
        assert (told.false_alarms, replace(told, confirmed=(case,)).false_alarms) == ([case], [])

    def test_warnings_are_no_alarms(self):
        assert not outcome("plain", [Case("oscillation", "warning", 100, None, 100)], word="healthy").alarms

    def test_limits_are_exact(self):
        assert tables.share(0, 149) == "0/149 = 0% [0.0%, 2.4%]"


class Short:
    """A few iterations of a setting with events."""

    def __init__(self, *events, condition="plain", setting=RING, iterations=6):
        self.batches, self.weights = [], []
        self.module = building.module_of(CONDITIONS[condition], setting)
        data = building.data_of(CONDITIONS[condition], setting, 0)
        one_run.fit(self.module, data, [*events, Spy(self), one_run.Horizon(iterations)])


class Spy(one_run.Callback):
    def __init__(self, seen):
        self.seen = seen

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        self.seen.batches.append(batch.clone())
        self.seen.weights.append(pl_module.generator.output.weight.detach().clone())


class TestEvents:
    def test_a_rate_of_0_freezes(self):
        weights = Short(ScaledRate("g", 0, at=2)).weights
        assert not torch.equal(weights[1], weights[2])
        assert torch.equal(weights[2], weights[5])

    def test_one_number_becomes_nan(self):
        batches = Short(PixelNaN(2)).batches
        assert [int(batch.isnan().sum()) for batch in batches] == [0, 0, 1, 0, 0, 0]

    def test_the_loader_sticks(self):
        batches = Short(StuckLoader(2)).batches
        assert not torch.equal(batches[1], batches[2])
        assert all(torch.equal(batch, batches[2]) for batch in batches[2:])

    def test_one_sample_fills_the_batch(self):
        assert [len(batch.unique(dim=0)) for batch in Short(OneSample(1), iterations=3).batches] == [128, 1, 1]

    def test_latents_shrink(self):
        torch.manual_seed(0)
        wide = building.module_of(CONDITIONS["plain"], RING).sample_latent(1000).std()
        assert Short(SqueezedLatents(1), iterations=2).module.sample_latent(1000).std() < 0.1 * wide

    def test_a_starved_generator_stands_still(self):
        weights = Short(StarvedGenerator(1)).weights
        assert not torch.equal(weights[0], weights[1])
        # Adam still follows the gradients it remembers, so the moves fade.
        assert (weights[5] - weights[4]).norm() < 0.5 * (weights[2] - weights[1]).norm()


class TestRun:
    def test_judging_again_finds_what_the_monitor_found(self, tmp_path):
        keeper = WindowKeeper()
        monitor = HealthMonitor([*default_detectors(), keeper], every=20)
        Short(ScaledRate("g", 0), monitor, iterations=400)
        keeper.save(tmp_path / "run.pt")
        cases = judge(measured(tmp_path / "run.pt"))
        assert cases
        assert {(case.kind, case.begin, case.end) for case in cases if case.end is None} == {
            (verdict.kind, verdict.iteration, None) for verdict in monitor.verdicts
        }

    def test_a_run_leaves_its_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr(produce, "RUNS", tmp_path)
        monkeypatch.setattr(one_run, "ITERATIONS", 200)
        run = Run(PLAIN, 0)
        assert produce.missing("design", [run]) == [run]
        assert produce.produce("design", run).endswith("--")
        assert produce.missing("design", [run]) == []
        assert len(measured(produce.file_of("design", run).with_suffix(".pt"))) == 2

    def test_data_that_are_not_there_are_said(self, tmp_path, monkeypatch):
        sources.load.cache_clear()
        monkeypatch.setenv(sources.FOLDER, str(tmp_path))
        assert sources.FOLDER in produce.why_not(Run(Recipe("plain", Setting("mnist", "ns")), 0))


TWIN = {"covered": 1.0, "tv": 0.1}


class TestRescue:
    @pytest.mark.parametrize(
        ("own", "expected"),
        [
            ({"covered": 1.0, "tv": 0.19}, True),
            ({"covered": 0.88, "tv": 0.1}, False),
            ({"covered": 1.0, "tv": 0.3}, False),
            ({"covered": 0.0}, False),
        ],
    )
    def test_within_a_tenth_of_the_twin(self, own, expected):
        assert rescue_table.rescued(own, TWIN) == expected

    def test_the_score_is_the_last_looks_median(self):
        assert rescue_table.score([{"covered": c, "tv": 0.1} for c in (0.0, 1.0, 1.0, 0.9, 0.8, 0.7)])["covered"] == 0.9
