"""What MkDocs asks while it builds the site (`hooks` in mkdocs.yml).

Three things are made at each build: the pages whose document lies in the repository's first folder, the commands on the
page about them, and the tables of file formats. So none of them has a copy that could become stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))  # MkDocs loads this file by its path

from tools.documentation import command_line, formats, links  # noqa: E402 - found there

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

AT_THE_TOP = {"SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
SCHEMAS = "reference/schemas"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and files that do not lie in docs/."""
    for document, page in AT_THE_TOP.items():
        files.append(File.generated(config, page, abs_src_path=str(PROJECT / document)))
    for name in formats.names():
        file = formats.file_of(name)
        files.append(File.generated(config, f"{SCHEMAS}/{file.name}", abs_src_path=str(file)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - MkDocs'
    """Fill in commands and tables of file formats, and turn links for a clone into links for the site."""
    pages = {_document(file): file.src_uri for file in files}
    filled = command_line.with_commands(formats.with_tables(markdown))
    return links.with_links_of_the_site(filled, _document(page.file), pages)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001 - MkDocs'
    """Give the dialog of the search a name, which Material leaves out, for those who hear it."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )


def _document(file: File) -> str:
    """Return the path in the repository of what becomes a page or a file of the site."""
    at_the_top = {page: document for document, page in AT_THE_TOP.items()}
    if file.src_uri.startswith(f"{SCHEMAS}/"):
        return f"grader/schemas/{Path(file.src_uri).name}"
    return at_the_top.get(file.src_uri, f"docs/{file.src_uri}")
