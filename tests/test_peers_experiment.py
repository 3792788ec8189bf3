"""The peers: the pipe by which contestants take turns, with our own, and that the tables say what the results say."""

import json
import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).parents[1] / "experiments" / "peers"))

import peers_table
import said
from contestant_process import BATCH_SIZE, networks
from peers_lineup import COMMON, FAULTED, HERE, PEERS
from referee import LR, mixture, started
from run_peers import FAULTS, PLANNED, modes_of

NAN_AT = 3

pytestmark = pytest.mark.slow  # starts processes, a minute in all


def count(network):
    return sum(p.numel() for p in network.parameters())


class TestPipe:
    def test_contestants_take_turns_that_change_nothing_and_come_to_their_end(self):
        data = mixture("grid", 0, batches=8)
        with started(["ours", "unwatched"], data, seed=0, epochs=2) as contestants:
            ours, unwatched = contestants.values()
            first = ours.samples(100, seed=0)
            assert all(ours.advance(turn) > 0 for turn in (1, 2, 3))
            unwatched.advance(6)
            assert (ours.over, unwatched.over) == ("", "")
            assert not torch.equal(first, ours.samples(100, seed=0))
            assert torch.equal(unwatched.samples(100, seed=0), ours.samples(100, seed=0))
            ours.advance(100)
            assert ours.over == "ended"
            assert modes_of(ours, data)["finite"] == 1.0
            assert "max_epochs=2" in ours.said()

    def test_a_nan_is_planted_in_one_batch_and_what_is_said_of_it_is_news(self):
        with started(["ours"], mixture("grid", 0, batches=110), seed=0, epochs=1, nan_at=NAN_AT) as contestants:
            contestants["ours"].advance(NAN_AT)
            assert contestants["ours"].samples(10, seed=0).isfinite().all()
            contestants["ours"].advance(200)
            assert contestants["ours"].samples(10, seed=0).isnan().all()
            assert any("training has diverged" in line for line in said.new_lines(contestants["ours"].said(), ""))

    def test_an_error_is_an_end_too(self):
        with started(["ours"], mixture("grid", 0, batches=4), seed=0, epochs=1, file="missing.py") as contestants:
            assert contestants["ours"].over.startswith("FileNotFoundError")


def test_the_networks_are_those_of_the_mixtures():
    assert [count(network) for network in networks()] == [18_946, 17_025]
    assert len(mixture("ring", 0, batches=3).load()[0]) == 3 * BATCH_SIZE


def test_every_peer_has_its_file_and_its_faults_are_planned():
    files = {file.name for file in (HERE / "contestants").glob("*.py")}
    assert files == {peer.file for peer in PEERS.values()}
    assert {f"fault-{fault}-{peer}" for fault in FAULTS for peer in FAULTED} <= PLANNED.keys()
    assert FAULTS["collapse"]["lr"] == 20 * LR
    assert all("==" in pin for pin in (*COMMON, *(p.requirement for p in PEERS.values() if p.requirement)))


class TestSaid:
    def test_news_is_what_differs_by_more_than_numbers(self):
        usual = "loss: 0.5\nEpoch 1: 50%|##  | 1/2 [00:00, 3.0it/s]\rEpoch 2 Summary\n"
        assert said.new_lines("loss: nan\nloss: 1e-3\nEpoch 12 Summary\n", usual) == []
        assert said.new_lines("loss: nan\nit is a collapse at 5\nit is a collapse at 6\n", usual) == [
            "it is a collapse at 5"
        ]

    @pytest.mark.parametrize(
        ("text", "expected"), [("| errD: nan\n", True), ("g_loss=nan, v=1\n", True), ("Nanjing: 3, a NaN\n", False)]
    )
    def test_nan_is_seen_among_figures(self, text, expected):
        assert said.shows_nan(text) == expected

    def test_lines_of_code_leave_out_words_and_gaps(self):
        words = '"""Words."""\n\n'
        source = words + "import os  # more\n\n\ndef f(\n    x,\n):\n    " + words + "    # no\n\n    return x\n"
        assert said.code_lines(source) == 5


class TestTable:
    def test_the_readme_says_what_the_results_say(self):
        readme = (HERE / "README.md").read_text()
        for name, text in peers_table.tables_of(peers_table.load()).items():
            assert readme.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- /{name} -->")[0] == text

    def test_a_ratio_is_taken_within_rounds(self):
        race = {"ms": {"ours": [1.0, 2.0, 10.0], "vegans": [2.0, 6.0, 40.0]}}
        assert peers_table.times("vegans", "ours", [race]) == 3.0

    @pytest.mark.parametrize(("ms", "expected"), [(1.3, "met"), (1.29, "missed")])
    def test_a_target_is_met_or_missed(self, ms, expected):
        race = {"ms": {name: [ms] for name in PEERS} | {"ours": [1.0], "unwatched": [0.5]}}
        assert peers_table._race_row("vegans", [race])[5] == expected
        assert peers_table._race_row("ours", [race])[5] == ""

    def test_what_is_said_as_usual_is_not_kept(self, tmp_path):
        usual, faulty = tmp_path / "fault-none-vegans.json", tmp_path / "fault-nan-vegans.json"
        usual.write_text(json.dumps({"said": "loss: 1"}))
        run = peers_table._without_what_was_usual({"said": "loss: nan\nlook: a NaN"}, faulty)
        assert run == {"new": ["look: a NaN"], "last": ["loss: nan", "look: a NaN"], "shows_nan": True}
