"""A monitor in a configuration file, by its short name."""

import sys
from pathlib import Path

import pytest
import yaml

from gan_lightning.cli import main
from gan_lightning.health import read_events

CONFIG = """
model: {class_path: VanillaGAN, init_args: {latent_dim: 4}}
data: {class_path: GaussianMixture, init_args: {layout: ring, num_samples: 1024, batch_size: 256}}
trainer:
  accelerator: cpu
  max_steps: 20
  enable_progress_bar: false
  callbacks: CALLBACKS
"""
FORMS = {
    "alone": [{"class_path": "HealthMonitor"}],
    "several": [{"class_path": "HealthMonitor"}, {"class_path": "CollapseDetector"}],
    "with detectors": [
        {
            "class_path": "HealthMonitor",
            "init_args": {
                "detectors": [
                    {"class_path": "ModeCollapse", "init_args": {"distance": 0.6}},
                    {"class_path": "Divergence"},
                ],
                "every": 10,
                "samples": 64,
                "discriminator": "discriminator",
            },
        }
    ],
    "mending": [{"class_path": "HealthMonitor", "init_args": {"remedies": "ladder"}}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gan-lightning"])


@pytest.mark.parametrize("form", FORMS)
def test_a_monitor_by_its_short_name(form: str) -> None:
    Path("run.yaml").write_text(CONFIG.replace("CALLBACKS", yaml.safe_dump(FORMS[form], default_flow_style=True)))
    main(["fit", "--config", "run.yaml"])
    events = read_events("lightning_logs/version_0")
    starts = [event for event in events if event["event"] == "start"]
    assert [event["monitor"] for event in starts] == [each["class_path"] for each in FORMS[form]]
    if form == "with detectors":
        assert [each["class"] for each in starts[0]["detectors"]] == ["ModeCollapse", "Divergence"]
        assert starts[0]["detectors"][0]["settings"]["distance"] == 0.6
        assert [event["iteration"] for event in events if event["event"] == "check"] == [10, 20]
    saved = yaml.safe_load(Path("lightning_logs/version_0/config.yaml").read_text())
    names = [each["class_path"].rpartition(".")[2] for each in saved["trainer"]["callbacks"]]
    assert names == [each["class_path"] for each in FORMS[form]]


def test_a_mistake_in_it_ends_with_a_sentence(capsys: pytest.CaptureFixture) -> None:
    callbacks = "[{class_path: HealthMonitor, init_args: {every: 0}}]"
    Path("run.yaml").write_text(CONFIG.replace("CALLBACKS", callbacks))
    with pytest.raises(SystemExit):
        main(["fit", "--config", "run.yaml"])
    assert "every=0" in capsys.readouterr().err
