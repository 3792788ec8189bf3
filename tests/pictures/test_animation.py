"""Frames become a film, whatever some of them have become."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.logging.image import write_png
from gan_lightning.pictures import animation, write_gif


def frames(folder: Path, count: int) -> list[Path]:
    files = [folder / f"{place}.png" for place in range(count)]
    for place, file in enumerate(files):
        write_png(file, np.full((6, 8, 3), 10 * place, np.uint8))
    return files


def shades(film: Path) -> list[int]:
    with Image.open(film) as image:
        found = []
        for place in range(image.n_frames):
            image.seek(place)
            found.append(int(np.asarray(image.convert("RGB"))[0, 0, 0]))
    return found


def test_a_film_holds_the_frames_in_order(tmp_path: Path) -> None:
    film = write_gif(tmp_path / "new" / "film.gif", frames(tmp_path, 4))
    assert shades(film) == [0, 10, 20, 30]
    assert [file.name for file in film.parent.iterdir()] == ["film.gif"]


def test_of_too_many_frames_some_are_taken_and_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animation, "FRAMES", 3)
    assert shades(write_gif(tmp_path / "film.gif", frames(tmp_path, 21))) == [0, 100, 200]


def test_a_broken_frame_is_left_out(tmp_path: Path) -> None:
    files = frames(tmp_path, 3)
    files[1].write_bytes(b"cut off")
    assert shades(write_gif(tmp_path / "film.gif", files)) == [0, 20]
    with pytest.raises(ValueError, match="none of 1 files could be read"):
        write_gif(tmp_path / "film.gif", [files[1]])
