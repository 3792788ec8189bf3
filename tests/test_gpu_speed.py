"""The script that measures on a GPU runs on a CPU at toy size: same mathematics as the raw loop, and all figures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "experiments" / "speed" / "gpu.py"


@pytest.mark.parametrize(
    "recipe", ["r3gan32", *(pytest.param(name, marks=pytest.mark.slow) for name in ("dcgan64", "sngan32", "r3gan64"))]
)
def test_it_measures_at_toy_size(recipe: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, SCRIPT, "--device", "cpu", "--quick", "--only", recipe, "--json", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(file.read_text())
    assert figures["environment"]["gpu"] == "none"
    found = figures[recipe]
    assert found["batch_size"] in (4, 8)
    assert min(found["gflops"], found["megabytes"], found["floor_images_per_s"]) > 0
    for name in ("raw", "ours", "compiled"):
        assert found[f"{name}_images_per_s"] > 0
        assert f"  {name} " in done.stdout


@pytest.mark.slow
def test_without_a_gpu_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no CUDA GPU" in done.stderr
