"""Pictures of a training: data in, a matplotlib ``Figure`` out, without ``pyplot`` and its state.

``figure.savefig("it.png")`` keeps one; a notebook shows it as it is. The callbacks of the same names draw while a run
goes on.
"""

from gan_lightning.pictures.animation import write_gif
from gan_lightning.pictures.course import Course, Mark
from gan_lightning.pictures.curves import draw_curves
from gan_lightning.pictures.density import draw_density
from gan_lightning.pictures.diversity import draw_diversity
from gan_lightning.pictures.images import draw_images
from gan_lightning.pictures.interpolation import draw_interpolation
from gan_lightning.pictures.modes import draw_modes
from gan_lightning.pictures.points import draw_points
from gan_lightning.pictures.read_course import read_course
from gan_lightning.pictures.run import draw_run, draw_run_diversity
from gan_lightning.pictures.spherical import spherical
from gan_lightning.pictures.truncation import draw_truncation

__all__ = [
    "Course",
    "Mark",
    "draw_curves",
    "draw_density",
    "draw_diversity",
    "draw_images",
    "draw_interpolation",
    "draw_modes",
    "draw_points",
    "draw_run",
    "draw_run_diversity",
    "draw_truncation",
    "read_course",
    "spherical",
    "write_gif",
]
