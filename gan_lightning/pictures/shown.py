"""A figure that any notebook shows; apart from ``style``, so that matplotlib is loaded by the first picture only."""

from io import BytesIO

from matplotlib.figure import Figure


class ShownFigure(Figure):
    """A figure with the method by which notebooks ask objects for a picture; ``pyplot`` knows nothing of it."""

    def _repr_png_(self) -> bytes:
        stream = BytesIO()
        self.savefig(stream, format="png", facecolor=self.get_facecolor())
        return stream.getvalue()
