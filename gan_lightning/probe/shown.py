"""Which real and generated samples of a batch can be compared with each other."""

from collections.abc import Sequence

from torch import Tensor

from gan_lightning.probe.asked import Opinion
from gan_lightning.probe.classes import classes_of
from gan_lightning.probe.record import StepRecord
from gan_lightning.probe.recording import Recording
from gan_lightning.probe.sources import Source, Sources


class Shown:
    """Completes records with samples in one form for all batches.

    If the discriminator judges the loader's tensor itself, that is the real one, and stays it in batches where only
    the generator is updated. Otherwise both are as the discriminator sees them.
    """

    def __init__(self) -> None:
        self._place: int | None = None
        """Of the samples among the batch's tensors, once they are known."""

    def complete(self, record: StepRecord, recording: Recording, opinions: Sequence[Opinion]) -> None:
        """Set the samples and the labels of a record."""
        sources = recording.sources
        real = _last([each for each in opinions if each.run.kind == "real"])
        fakes = [each for each in opinions if each.run.kind == "fake"]
        fake = _last([each for each in fakes if real is None or each.asked.network is real.asked.network] or fakes)
        if real is not None:
            source = _source(real, sources)
            self._place = None if source is None else source.place
            record.real = real.samples if source is None else source.tensor
        elif self._place is not None:
            record.real = _at(self._place, sources)
        if fake is not None:
            source = None if real is not None and self._place is None else _source(fake, sources)
            record.fake = fake.samples if source is None else source.tensor
            record.fake_label = _label_of(fake, sources)
        _keep_comparable(record)
        if record.real is not None:
            record.real_label = classes_of(recording.batch, len(record.real))


def _last(opinions: Sequence[Opinion]) -> Opinion | None:
    own = [each for each in opinions if not each.has_gradient]
    return next(reversed(own or opinions), None)


def _source(opinion: Opinion, sources: Sources) -> Source | None:
    """Return the source that was judged as it is; None if it was changed on the way."""
    numbers = [n for n in opinion.run.origins if sources.all[n].kind == opinion.run.kind]
    return next((sources.all[n] for n in sorted(numbers, reverse=True) if sources.is_raw(opinion.samples, n)), None)


def _at(place: int, sources: Sources) -> Tensor | None:
    reals = [source.tensor for source in sources.all if source.kind == "real"]
    return reals[place] if place < len(reals) else None


def _label_of(fake: Opinion, sources: Sources) -> Tensor | None:
    """Return what the generator was told, else what the discriminator was told about its samples."""
    labels = [sources.all[n].label for n in sorted(fake.run.origins)]
    told = next((label for label in reversed(labels) if label is not None), None)
    if told is not None:
        return told
    of_call = classes_of((fake.asked.args, fake.asked.kwargs), sum(len(s.tensor) for s in fake.asked.seen[:1]))
    return None if of_call is None else of_call[fake.run.begin : fake.run.end]


def _keep_comparable(record: StepRecord) -> None:
    """Drop generated samples that have another shape than the real ones."""
    if record.real is not None and record.fake is not None and record.real.shape[1:] != record.fake.shape[1:]:
        record.fake = record.fake_label = None
    if record.fake is None or record.fake_label is None or len(record.fake) != len(record.fake_label):
        record.fake_label = None
