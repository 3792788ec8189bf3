"""A trained generator as a file that others can use without this package."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lightning.pytorch import LightningModule
from torch import Tensor, nn

from gan_lightning.callbacks.averaged_weights import fill, floating
from gan_lightning.callbacks.generator_ema import averaged_generator
from gan_lightning.export.formats import Format, as_text, check_place, form_of
from gan_lightning.export.model_card import model_card
from gan_lightning.export.run_facts import run_of
from gan_lightning.export.subject import find_generator, subject_of
from gan_lightning.export.written import Exported, digest, write
from gan_lightning.rebuilt import can_be_rebuilt, put_average, read_checkpoint, rebuilt


def export_generator(
    source: LightningModule | str | Path,
    file: str | Path,
    format: Format,
    *,
    ckpt_path: str | Path | None = None,
    generator: str | None = None,
    example: Tensor | Sequence[Tensor] | None = None,
    config: str | Path | None = None,
) -> Exported:
    """Write a generator to a file, with a model card beside it.

    The weights are the average of ``GeneratorEMA``, of the checkpoint or of the module's trainer, and the raw ones if
    there is none. What was written is read back and must make the same samples, at two batch sizes; otherwise no file
    stays. The module itself is left as it is, in its weights and modes.

    Args:
        source: a checkpoint that the command line trained, or a module, also one of others.
        file: where to; what is there is replaced. The card is ``file`` with ``.md`` behind it.
        format: ``"torchscript"``, ``"onnx"`` with any batch size, or ``"safetensors"``, the weights alone.
        ckpt_path: a checkpoint of the module ``source``, which is loaded into it.
        generator: dotted path of the network; found by its name if None.
        example: a batch of the generator's inputs, as a tensor or several; not needed for a GAN of this package, nor
            for a module with ``example_input_array``.
        config: the run's ``config.yaml``, for the card; looked for in the run's folder if None.

    Returns:
        What was written.

    Raises:
        FileNotFoundError: if there is no such checkpoint.
        ModuleNotFoundError: if the format needs a package that is not installed.
        ValueError: if there is no generator, its inputs are not known, it cannot be exported in this format, or
            ``file`` is a folder, the checkpoint itself, or ends as another format does.

    Example:
        >>> from gan_lightning import VanillaGAN
        >>> exported = export_generator(VanillaGAN(shape=(2,)), "generator.pt", "torchscript")
        >>> torch.jit.load(exported.file)(torch.randn(5, 64)).shape  # doctest: +SKIP
        torch.Size([5, 2])
    """
    file = Path(file)
    path = ckpt_path if isinstance(source, LightningModule) else source
    form_of(format)
    check_place(file, format, *(Path(each) for each in (path, config) if each is not None))
    with _shown(source, ckpt_path, generator) as shown:
        subject = subject_of(shown.module, shown.network, example)
        module = shown.module
    facts = {
        "module": f"{type(module).__module__}.{type(module).__qualname__}",
        "generator": subject.path,
        "weights": "average" if shown.is_average else "raw",
    }
    if can_be_rebuilt(shown.arguments):
        facts["hyper_parameters"] = as_text({k: v for k, v in shown.arguments.items() if k != "_instantiator"})
    recorded = run_of(module, path, config)
    difference = write(subject, file, format, facts)
    exported = Exported(file, file.with_name(f"{file.name}.md"), shown.is_average, difference, digest(file))
    card = model_card(module, subject, recorded, format, facts, exported)
    exported.card.write_text(card, encoding="utf-8")
    return exported


@dataclass
class _Shown:
    module: LightningModule
    network: nn.Module
    is_average: bool
    arguments: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def _shown(
    source: LightningModule | str | Path, ckpt_path: str | Path | None, generator: str | None
) -> Iterator[_Shown]:
    """Show the average in the generator, from the checkpoint or from the trainer."""
    path = ckpt_path if isinstance(source, LightningModule) else source
    module = source if isinstance(source, LightningModule) else rebuilt(source)
    checkpoint = None if path is None else read_checkpoint(path)
    if checkpoint is not None and module is source:
        module.load_state_dict(checkpoint["state_dict"])
    network = find_generator(module, generator)
    if checkpoint is not None:
        kept = {name: p.detach().clone() for name, p in floating(network).items()}
        try:
            is_average = put_average(network, checkpoint)
            yield _Shown(module, network, is_average, checkpoint.get("hyper_parameters", {}))
        finally:
            fill(network, kept)
        return
    with nullcontext(False) if module._trainer is None else averaged_generator(module.trainer) as is_average:
        yield _Shown(module, network, is_average, dict(module.hparams))
