"""Pictures of a run, from its folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from gan_lightning.pictures.curves import draw_curves
from gan_lightning.pictures.diversity import draw_diversity
from gan_lightning.pictures.read_course import read_course

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_run(place: Path | str) -> "Figure":
    r"""Draw a run's losses and scores, with verdicts and remedies marked on them; a notebook shows the figure.

    Read is whatever there is: ``health.jsonl``, ``metrics.csv``, TensorBoard, wandb offline. A run without a
    ``HealthMonitor`` is judged from its losses.

    Args:
        place: the run's folder, or one above it (then the newest run), or a log.

    Raises:
        ValueError: if there is no log of a run, or neither losses nor scores in it.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     _ = (Path(folder) / "metrics.csv").write_text("step,d_loss,g_loss\n0,1.4,0.7\n50,1.3,0.8\n")
        ...     figure = draw_run(folder)
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['discriminator', 'generator']
    """
    return draw_curves(read_course(place))


def draw_run_diversity(place: Path | str) -> "Figure":
    """Draw how diverse a run's samples were, as its ``HealthMonitor`` measured it.

    Args:
        place: as for ``draw_run``.

    Raises:
        ValueError: if there is no log of a run, or no monitor has measured.
    """
    return draw_diversity(read_course(place))
