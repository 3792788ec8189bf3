"""A model card: what a file with a generator holds, how it was made, and how it is loaded. Markdown.

Paper: Mitchell et al. 2019, "Model cards for model reporting", https://arxiv.org/abs/1810.03993
"""

import platform
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
import yaml
from lightning.pytorch import LightningModule
from torch import Tensor

from gan_lightning._version import __version__
from gan_lightning.export.run_facts import RunFacts
from gan_lightning.export.subject import SIZES, Subject
from gan_lightning.export.written import Exported
from gan_lightning.gan import GAN

SHOWN = 16
"""Samples in the example."""


def model_card(
    module: LightningModule,
    subject: Subject,
    run: RunFacts,
    format: str,
    facts: Mapping[str, str],
    exported: Exported,
) -> str:
    """Return the card of a generator that was exported."""
    file = exported.file.name
    weights = "average over the training, by GeneratorEMA" if facts["weights"] == "average" else "raw, of the last step"
    rows = {
        "model": f"`{facts['module']}`",
        "part": f"`{subject.path}`, `{type(subject.network).__name__}`",
        "weights": weights,
        "parameters": f"{sum(p.numel() for p in subject.network.parameters()):,}, float32",
        "format": f"{format}, `{file}`",
        "sha256": f"`{exported.sha256}`",
        "trained": ", ".join(f"{count:,} {name}" for name, count in run.trained.items()) or "not recorded",
        "checked": f"read back, {SIZES[0]} and {SIZES[1]} samples within {exported.difference:.1e} of the module's own",
    }
    parts = [
        f"# Generator of {type(module).__name__}",
        _table(("", ""), rows.items()),
        "## Inputs and outputs",
        _table(("tensor", "shape", "type", ""), _tensors(module, subject)),
        "## Use",
        f"```python\n{HOW[format](subject, file, facts)}\n```",
        "## Data",
        _data(run.config),
        "## Metrics",
        _metrics(run.metrics),
        "## Health",
        _health(run.verdicts),
        "## Versions",
        ", ".join(f"{name} {number}" for name, number in _versions(format).items()),
        "## Configuration",
        _configuration(run.config),
    ]
    return "\n\n".join(parts) + "\n"


def _tensors(module: LightningModule, subject: Subject) -> Iterator[tuple[str, ...]]:
    for name, x in zip(subject.names, subject.inputs[0], strict=True):
        yield name, _shape(x), _type(x), _meaning(module, x)
    samples = subject.outputs[0]
    yield "samples", _shape(samples), _type(samples), "images in [-1, 1]" if samples.ndim == 4 else ""


def _meaning(module: LightningModule, x: Tensor) -> str:
    if not isinstance(module, GAN):
        return "as in training: the example below shows the shape only"
    if not x.is_floating_point():
        return f"classes, 0 to {module.num_classes - 1}"
    if type(module).sample_latent is GAN.sample_latent:
        return "latents, standard normal"
    return f"latents of `{type(module).__name__}.sample_latent`, not normal: the example below shows the shape only"


def _shape(x: Tensor) -> str:
    return f"({', '.join(['N', *map(str, x.shape[1:])])})"


def _type(x: Tensor) -> str:
    return str(x.dtype).removeprefix("torch.")


def _drawn(x: Tensor) -> str:
    """Return code that makes a batch like this one."""
    size = ", ".join(map(str, (SHOWN, *x.shape[1:])))
    if x.is_floating_point():
        return f"torch.randn({size})"
    return f"torch.arange({SHOWN}) % {int(x.max()) + 1}" if x.ndim == 1 else f"torch.zeros({size}, dtype={x.dtype})"


def _torchscript(subject: Subject, file: str, facts: Mapping[str, str]) -> str:
    inputs = ", ".join(map(_drawn, subject.inputs[1]))
    return f'import torch\n\ngenerator = torch.jit.load("{file}")\nsamples = generator({inputs})'


def _onnx(subject: Subject, file: str, facts: Mapping[str, str]) -> str:
    named = zip(subject.names, subject.inputs[1], strict=True)
    inputs = ", ".join(f'"{name}": ({_drawn(x)}).numpy()' for name, x in named)
    return (
        f'import onnxruntime\nimport torch\n\nsession = onnxruntime.InferenceSession("{file}")\n'
        f"(samples,) = session.run(None, {{{inputs}}})"
    )


def _safetensors(subject: Subject, file: str, facts: Mapping[str, str]) -> str:
    inputs = ", ".join(map(_drawn, subject.inputs[1]))
    if "hyper_parameters" in facts:
        return (
            "import torch\n\nfrom gan_lightning.export import load_generator\n\n"
            f'generator = load_generator("{file}")\nsamples = generator({inputs})'
        )
    return (
        f'import torch\nfrom safetensors.torch import load_file\n\nweights = load_file("{file}")\n'
        "# build the network as in training, then:\n"
        f"# generator.load_state_dict(weights)\n# samples = generator.eval()({inputs})"
    )


HOW: dict[str, Callable[[Subject, str, Mapping[str, str]], str]] = {
    "torchscript": _torchscript,
    "onnx": _onnx,
    "safetensors": _safetensors,
}


def _data(config: Mapping[str, Any]) -> str:
    data = config.get("data")
    return f"```yaml\n{_yaml(data)}\n```" if data else "Not recorded: there is no `config.yaml` in the run's folder."


def _configuration(config: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in config.items() if name != "data"}
    return f"Without what was left unset.\n\n```yaml\n{_yaml(_set(rest))}\n```" if rest else "Not recorded."


def _set(value: Any) -> Any:
    """Return nested settings without nulls, of which a trainer has dozens."""
    if isinstance(value, Mapping):
        return {name: _set(item) for name, item in value.items() if item is not None}
    return [_set(item) for item in value] if isinstance(value, list) else value


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False).rstrip()


def _metrics(metrics: list[dict[str, Any]]) -> str:
    rows = [
        (f"`{each['metric']}`", name, _number(value), _number((each.get("floors") or {}).get(name)), each["iteration"])
        for each in metrics
        for name, value in (each.get("values") or {}).items()
    ]
    if not rows:
        return "None were recorded: the `Evaluation` callback writes them."
    return _table(("metric", "", "value", "floor of a perfect sampler", "iteration"), rows)


def _health(verdicts: list[dict[str, Any]] | None) -> str:
    if verdicts is None:
        return "Nobody watched: `HealthMonitor` does."
    if not verdicts:
        return "Nothing was found."
    rows = [
        (str(each["kind"]).replace("_", " "), each.get("severity"), each.get("onset"), each["end"] or "open at the end")
        for each in verdicts
    ]
    return _table(("verdict", "severity", "since iteration", "until"), rows)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else ""


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def _versions(format: str) -> dict[str, str]:
    names = ("lightning", *(("onnx", "onnxscript") if format == "onnx" else ()))
    found = {"gan-lightning": __version__, "python": platform.python_version(), "torch": str(torch.__version__)}
    for name in (*names, *(("safetensors",) if format == "safetensors" else ())):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
