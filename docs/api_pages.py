"""Writes the pages of docs/api: per part of the package, everything that it exports.

``python docs/api_pages.py`` after a new export; a test compares the pages with what this would write. They hold names
only, and mkdocstrings fills them from the docstrings. Nothing of the package is imported.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
API = ROOT / "docs" / "api"

PARTS = {
    "gan": ("The GAN itself", ("gan_lightning",)),
    "gans": ("Recipes", ("gan_lightning.gans",)),
    "mixins": ("Techniques", ("gan_lightning.mixins",)),
    "losses": ("Losses", ("gan_lightning.losses",)),
    "layers": ("Layers", ("gan_lightning.layers",)),
    "networks": ("Networks", ("gan_lightning.networks",)),
    "functional": ("Functions", ("gan_lightning.functional", "gan_lightning.functional.augment")),
    "data": ("Data", ("gan_lightning.data",)),
    "callbacks": ("Callbacks", ("gan_lightning.callbacks",)),
    "health": ("Health", ("gan_lightning.health", "gan_lightning.health.diagnosis", "gan_lightning.health.logs")),
    "detectors": ("Detectors", ("gan_lightning.health.detectors",)),
    "remedies": ("Remedies", ("gan_lightning.health.remedies",)),
    "metrics": ("Metrics", ("gan_lightning.metrics",)),
    "pictures": ("Pictures", ("gan_lightning.pictures",)),
    "report": ("Report", ("gan_lightning.report",)),
    "export": ("Export", ("gan_lightning.export",)),
    "cli": ("Command line", ("gan_lightning.cli",)),
    "logging": ("Logging", ("gan_lightning.logging",)),
    "probe": ("Reading any module", ("gan_lightning.probe",)),
    "distributed": ("Many processes", ("gan_lightning.distributed",)),
}
"""Title and packages of each page."""

BESIDE = {"gan_lightning": ("gan_lightning.compose.compose", "gan_lightning.batch.Batch")}
"""What no package exports, and who writes a technique or a command line needs."""


@cache
def packages() -> list[str]:
    """Return every package, by its dotted name."""
    folders = sorted(init.parent for init in (ROOT / "gan_lightning").rglob("__init__.py"))
    return [".".join(folder.relative_to(ROOT).parts) for folder in folders]


@cache
def exported(package: str) -> dict[str, str]:
    """Return what a package's ``__all__`` names, each with the dotted name of where it is defined."""
    for node in _source(package).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return {name: _definition(package, name) for name in names if not name.startswith("__")}
    raise LookupError(f"{package} has no __all__: say there what it exports")


def written() -> dict[Path, str]:
    """Return what stands in each page."""
    return {API / f"{part}.md": _page(title, homes) for part, (title, homes) in PARTS.items()}


def _page(title: str, homes: tuple[str, ...]) -> str:
    blocks = [f"# {title}"]
    for home in homes:
        places = {name: _place(definition) for name, definition in exported(home).items()}
        own = [name for name, (_, of) in places.items() if of == home]
        other = [f"[`{name}`]({part}.md#{of}.{name})" for name, (part, of) in places.items() if of != home]
        blocks += [f"## `{home}`", ast.get_docstring(_source(home)) or ""]
        blocks += [f"Also exported here, and shown on pages of their own: {', '.join(other)}."] * bool(other)
        blocks += [f"::: {_path(home, name)}" for name in own]
        blocks += [f"::: {path}" for path in BESIDE.get(home, ())]
    return "\n\n".join(blocks) + "\n"


def _path(home: str, name: str) -> str:
    """Return what to look up: a module of the same name hides what the package exports."""
    return f"{home}.{name}.{name}" if Path(ROOT, *home.split("."), f"{name}.py").exists() else f"{home}.{name}"


@cache
def _place(definition: str) -> tuple[str, str]:
    """Return the page and the package under which something is shown: the first to export it, the root last."""
    places = [(part, home) for part, (_, homes) in PARTS.items() for home in homes]
    for part, home in sorted(places, key=lambda place: place[1] == "gan_lightning"):
        if definition in exported(home).values():
            return part, home
    raise LookupError(f"no page of docs/api shows {definition}")


def _definition(home: str, name: str) -> str:
    """Follow imports from package to package, down to the module that defines it."""
    for node in ast.walk(_source(home)) if home in packages() else ():
        if isinstance(node, ast.ImportFrom) and node.module and name in {each.name for each in node.names}:
            return _definition(node.module, name)
    return f"{home}.{name}"


@cache
def _source(package: str) -> ast.Module:
    return ast.parse(Path(ROOT, *package.split("."), "__init__.py").read_text())


if __name__ == "__main__":
    API.mkdir(exist_ok=True)
    for path, text in written().items():
        path.write_text(text)
