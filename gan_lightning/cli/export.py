"""``gan-lightning export``: the generator of a checkpoint as a file that others can use."""

from argparse import ArgumentError
from typing import Any

from torch import Tensor

from gan_lightning.cli.target import find, module_of
from gan_lightning.export import export_generator
from gan_lightning.export.formats import FORMS, Format


def export(
    ckpt_path: str,
    format: Format = "torchscript",
    out: str | None = None,
    run_config: str | None = None,
    module: str | None = None,
    generator: str | None = None,
    example: str | None = None,
) -> None:
    """Export the averaged generator of a checkpoint, or the raw one if it holds no average, with a model card.

    Args:
        ckpt_path: the checkpoint.
        format: of the file; all are read back and compared.
        out: the file; by default generator.pt, generator.onnx or generator.safetensors.
        run_config: the run's config.yaml, for the card to quote; by default that in the run's folder.
        module: pkg.mod:MyGAN, where the checkpoint was not trained by this command line: a LightningModule, its class,
            or a function that makes it.
        generator: dotted path of the network in the module; found by its name by default.
        example: pkg.mod:latents, a batch of the generator's inputs, for modules of others.
    """
    source = ckpt_path if module is None else module_of(module)
    exported = export_generator(
        source,
        out or f"generator{FORMS[format].suffix}",
        format,
        ckpt_path=ckpt_path,
        generator=generator,
        example=None if example is None else _tensors(example),
        config=run_config,
    )
    if not exported.is_average:
        print("the checkpoint holds no average (GeneratorEMA makes one): the raw one is exported")
    print(f"{exported.file} ({format}, within {exported.difference:.1e}), model card: {exported.card}")


def _tensors(target: str) -> Any:
    found = find(target, "--example")
    made = found() if callable(found) and not isinstance(found, Tensor) else found
    if isinstance(made, Tensor) or (isinstance(made, list | tuple) and all(isinstance(x, Tensor) for x in made)):
        return made
    raise ArgumentError(None, f"--example: {target} is a {type(made).__name__}, expected a tensor or a tuple of them")
