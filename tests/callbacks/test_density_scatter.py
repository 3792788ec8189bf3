"""The film of the plane goes on where a run is taken up, and is written however a run ends."""

from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import Batches, InterruptError, Labelled, StopAfter, fit, make, points
from PIL import Image

from gan_lightning import DensityScatter
from gan_lightning.compose import compose
from gan_lightning.data import TensorData


def length(film: Path) -> int:
    with Image.open(film) as image:
        return image.n_frames


def frames(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "media").glob("density-*.png"))


def test_frames_become_a_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit(make(), points(), callbacks=[DensityScatter(every=2, points=8)], default_root_dir=tmp_path)
    assert len(frames(tmp_path)) == length(tmp_path / "density.gif") == 2
    assert "density.gif" in capsys.readouterr().out


def test_a_run_that_breaks_has_a_film_and_a_resumed_one_goes_on_with_it(tmp_path: Path) -> None:
    samples = torch.randn(32, 2)

    def run(*more: Any, **arguments: Any) -> None:
        callbacks = [DensityScatter(every=1, points=8), *more]
        fit(make(), TensorData(samples, batch_size=8), callbacks=callbacks, default_root_dir=tmp_path, **arguments)

    half = tmp_path / "half.ckpt"
    with pytest.raises(InterruptError):
        run(StopAfter(2, half))
    assert length(tmp_path / "density.gif") == 2
    (tmp_path / "media" / "density-0000003.png").write_bytes(b"seen again")
    run(ckpt_path=half)
    assert frames(tmp_path) == [f"density-000000{place}.png" for place in range(4)]
    assert length(tmp_path / "density.gif") == 4


def test_another_run_in_the_same_folder_starts_a_new_film(tmp_path: Path) -> None:
    for _ in range(2):
        fit(make(), points(), callbacks=[DensityScatter(every=2, points=8)], default_root_dir=tmp_path)
    assert length(tmp_path / "density.gif") == 2


def test_a_discriminator_of_classes_is_asked_for_all_of_them(tmp_path: Path) -> None:
    gan = make(generator=Labelled(4, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3)
    data = Batches(*([x, torch.arange(8) % 3] for x in points()))
    scatter = DensityScatter(every=2, points=8)
    fit(gan, data, callbacks=[scatter], default_root_dir=tmp_path)
    x = torch.randn(5, 2)
    with torch.no_grad():
        opinions = [gan.discriminate(x, torch.full((5,), label)).logits for label in range(3)]
        torch.testing.assert_close(scatter._critique(x), torch.stack(opinions).mean(0))


def test_a_discriminator_of_packs_is_refused_at_once(tmp_path: Path) -> None:
    packing = compose("PacGAN", "VanillaGAN")(shape=(2,), width_g=8, width_d=8)
    with pytest.raises(ValueError, match="judges several samples as one, as PacGAN's does, has no opinion of a single"):
        fit(packing, points(), callbacks=[DensityScatter(every=2)], default_root_dir=tmp_path)
