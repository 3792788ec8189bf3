"""Writing a generator: beside its place, read back, compared, and only then there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch

from gan_lightning.export.formats import FORMS, Form
from gan_lightning.export.subject import Subject, run

TOLERANCE = 1e-5
"""Largest difference of an exported form from the generator, in units of the largest sample if that is above 1."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Args:
        file: the generator.
        card: the model card beside it, Markdown.
        is_average: whether the weights are those of ``GeneratorEMA``; otherwise they are the raw ones.
        difference: largest difference from the module's own generator, over the batches that were tried.
        sha256: of the file.
    """

    file: Path
    card: Path
    is_average: bool
    difference: float
    sha256: str


def write(subject: Subject, file: Path, format: str, facts: Mapping[str, str]) -> float:
    """Write a file that makes the same samples, or none; return by how much they differ.

    Raises:
        ValueError: if the generator cannot be written in this form, or makes other samples then.
    """
    form = FORMS[format]
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.stem}.{os.getpid()}.unfinished{form.suffix}")
    try:
        difference = _try(subject, form, part, format, facts)
        if not difference <= TOLERANCE:
            why = "it draws random numbers in evaluation mode" if subject.is_random() else "the cause is not known"
            raise ValueError(
                f"{subject.path} exported as {format} makes other samples, by up to {difference:.2g} where at most "
                f"{TOLERANCE} is allowed ({why}): no file was written"
            )
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    return difference


def digest(file: Path) -> str:
    """Return the sha256 of a file."""
    return sha256(file.read_bytes()).hexdigest()


def _try(subject: Subject, form: Form, part: Path, format: str, facts: Mapping[str, str]) -> float:
    try:
        form.write(subject, part, facts)
        return _difference(subject, form, part)
    except OSError:
        raise
    except Exception as error:
        others = " or ".join(name for name in ("torchscript", "safetensors") if name != format)
        said = str(error).strip().split("\n")[0]
        raise ValueError(
            f"{subject.path} cannot be exported as {format}: {type(error).__name__}: {said}; try {others}"
        ) from error


def _difference(subject: Subject, form: Form, file: Path) -> float:
    call, differences = form.read(subject, file), []
    for inputs, expected in zip(subject.inputs, subject.outputs, strict=True):
        samples = run(call, inputs)
        if samples.shape != expected.shape:
            return float("inf")
        differences.append((samples - expected).abs().max() / expected.abs().max().clamp(min=1))
    return float(torch.stack(differences).max())
