"""Where the outcome goes: terminal, JSON, a page, SVG files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from rewardctl.files import write_whole
from rewardctl.report.svg import write_svgs
from rewardctl.simulate.page import Part, page


@dataclass(frozen=True, slots=True)
class Output:
    """The page to write, the folder for SVG files, and whether JSON goes to standard output."""

    page: Path | None = None
    svg_folder: Path | None = None
    as_json: bool = False

    def print_json(self, value: Any) -> None:
        """Print a value as JSON."""
        click.echo(json.dumps(value, indent=1, allow_nan=False))

    def write(self, title: str, notes: Sequence[str], header: Sequence[str], parts: Sequence[Part]) -> None:
        """Write the files that are asked for. Raises OSError."""
        if self.page is not None:
            write_whole(self.page, page(title, notes, header, parts).encode("utf-8", errors="replace"))
        if self.svg_folder is not None:
            write_svgs([part.plot for part in parts], self.svg_folder)
