"""Who may import whom, files that fit the eye, and no attic: read from the source."""

import ast
from pathlib import Path

import pytest

import gan_lightning

ROOT = Path(gan_lightning.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
LEAVES = {"functional", "critique", "distributed", "_version"}
SPINE = {
    "step",
    "player",
    "module",
    "preflight",
    "checkpoint",
    "checkpoint_file",
    "checkpoint_io",
    "isolation",
    "layout",
    "step_log",
    "batch",
    "joint_pass",
    "labels",
    "construction",
    "optimizers",
    "gan",
    "draws",
    "wide_state",
    "lost_weights",
    "out_of_memory",
    "reach",
    "requeue",
    "sharding",
}
MAY_IMPORT = {
    **{leaf: {"distributed"} if leaf == "functional" else set() for leaf in LEAVES},
    "losses": LEAVES,
    "layers": LEAVES,
    "networks": LEAVES | {"layers"},
    **{part: LEAVES | SPINE | {"losses"} for part in SPINE},
    "mixins": LEAVES | SPINE | {"layers", "losses"},
    "gans": LEAVES | SPINE | {"layers", "losses", "networks", "mixins"},
    "compose": {"gan", "gans", "mixins"},
    "data": set(),
    "extragradient": {"optimizers"},
    "negative_momentum": set(),
    "logging": set(),
    "metrics": {"functional", "isolation"},
    "probe": {"functional", "critique", "distributed"},
    "callbacks": {"functional", "layers", "probe", "logging", "distributed", "isolation", "metrics", "pictures"},
    "pictures": {"functional", "health"},
    "health": {"_version", "functional", "isolation", "distributed", "probe", "logging", "callbacks", "losses"},
    "report": {"_version", "callbacks", "health"},
    "rebuilt": {"callbacks", "checkpoint_file", "compose", "gan"},
    "export": {"_version", "callbacks", "gan", "health", "isolation", "labels", "logging", "probe", "rebuilt"},
    "cli": {
        "_version",
        "callbacks",
        "checkpoint_file",
        "compose",
        "export",
        "gan",
        "health",
        "logging",
        "pictures",
        "rebuilt",
        "report",
    },
    "__init__": {
        "_version",
        "callbacks",
        "checkpoint_io",
        "critique",
        "extragradient",
        "gan",
        "gans",
        "health",
        "mixins",
        "negative_momentum",
        "optimizers",
        "sharding",
        "step",
    },
}


def part_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(file: Path) -> set[str]:
    """Return the parts of the package that a file imports, and ``mixins/<name>`` for single files."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "gan_lightning":
            path = node.module.split(".")[1:]
            found |= {path[0]} if path else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_one_way(file: Path) -> None:
    part = part_of(file)
    assert imports_of(file) - {part} <= MAY_IMPORT[part]


@pytest.mark.parametrize("file", [f for f in FILES if f.parent.name == "mixins" and f.name != "__init__.py"])
def test_mixins_never_import_mixins(file: Path) -> None:
    assert "mixins" not in imports_of(file)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_fit_the_eye(file: Path) -> None:
    limit = 300 if file.name == "gan.py" else 200
    assert len(file.read_text().splitlines()) <= limit


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_attic(file: Path) -> None:
    assert file.name not in {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert file.read_text().isascii()


def test_every_part_has_its_rule() -> None:
    assert {part_of(file) for file in FILES} <= set(MAY_IMPORT)
