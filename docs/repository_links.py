"""Part of the site's build, a hook of mkdocs: links mean the same there as between the files of the repository.

Pages link to READMEs, pictures and sources outside of docs/. What is linked comes into the site, from link to link:
Markdown as pages, folders as their README or as a list, other files as they are. A link to nothing stays as it is, for
mkdocs to find.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
CODE = r"```.*?```|`[^`\n]+`"
LINK = re.compile(CODE + r'|(?P<before>\]\(|src=")(?P<path>(?!\w+:|/)[^)\s"#]+)', re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies outside of docs/ and is in the menu, or is linked by a page, or by what that links to."""
    menu = [uri for uri in _leaves(config.nav) if not files.get_file_from_path(uri) and (ROOT / uri).is_file()]
    for uri in menu:
        files.append(_file(uri, config))
    waiting = [file.src_uri for file in files.documentation_pages()]
    while waiting:
        for uri in _linked(_in_repository(waiting.pop())):
            if not files.get_file_from_path(uri):
                files.append(_file(uri, config, InclusionLevel.NOT_IN_NAV))
                waiting += [uri] * uri.endswith(".md")
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links of a page, which are those of the repository, into those of the site."""
    source = _in_repository(page.file.src_uri)

    def moved(link: re.Match[str]) -> str:
        if link["path"] is None:
            return link[0]
        uri = _in_site(_target(source, link["path"]))
        return link["before"] + os.path.relpath(uri, Path(page.file.src_uri).parent) if uri else link[0]

    return LINK.sub(moved, markdown)


def _in_repository(uri: str) -> Path:
    """Return the file behind a page, or the folder that it lists."""
    places = (ROOT / "docs" / uri, ROOT / uri, ROOT / uri.removesuffix("index.md"))
    return next(place for place in places if place.exists())


def _in_site(target: Path) -> str | None:
    """Return where the site shows a file or folder of the repository, or None if that is not there."""
    if not target.exists() or not target.is_relative_to(ROOT):
        return None
    of_package = ROOT / "docs" / "api" / f"{target.name}.md"
    if target == ROOT / "README.md":
        return "index.md"
    if target.is_dir() and target.is_relative_to(ROOT / "gan_lightning") and of_package.exists():
        target = of_package
    elif target.is_dir():
        target /= "README.md" if (target / "README.md").exists() else "index.md"
    return target.relative_to(ROOT / "docs" if target.is_relative_to(ROOT / "docs") else ROOT).as_posix()


def _linked(source: Path) -> Iterator[str]:
    """Yield where the site shows what a page links to."""
    links = LINK.finditer(source.read_text()) if source.is_file() else ()
    for link in links:
        uri = _in_site(_target(source, link["path"])) if link["path"] else None
        if uri:
            yield uri


def _target(source: Path, path: str) -> Path:
    return (source.parent / path).resolve()


def _file(uri: str, config: MkDocsConfig, inclusion: InclusionLevel = InclusionLevel.UNDEFINED) -> File:
    source = _in_repository(uri)
    if source.is_dir():
        names = sorted(path.name for path in source.iterdir() if path.is_file())
        listed = "\n".join(f"- `{name}`" for name in names)
        return File.generated(config, uri, content=f"# `{source.relative_to(ROOT)}`\n\n{listed}\n", inclusion=inclusion)
    return File.generated(config, uri, abs_src_path=str(source), inclusion=inclusion)


def _leaves(menu: object) -> Iterator[str]:
    """Yield the pages of a menu."""
    if isinstance(menu, str):
        yield menu
    elif isinstance(menu, dict | list):
        for each in menu.values() if isinstance(menu, dict) else menu:
            yield from _leaves(each)
