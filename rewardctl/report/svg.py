"""The page's plots as SVG files, for documents that run no scripts."""

import json
from collections.abc import Sequence
from pathlib import Path

from rewardctl.files import write_whole
from rewardctl.report.plots import Plot

WIDTH = 560
"""Pixels: two plots stand beside each other on a wide page, one fills a phone's."""


def write_svgs(plots: Sequence[Plot], folder: Path) -> list[Path]:
    """Write each plot as ``<name>.svg`` into ``folder``, and return the files.

    The background is white: ``currentColor`` is black in an image, whatever the page around it. Raises
    OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for plot in plots:
        files.append(folder / f"{plot.name}.svg")
        write_whole(files[-1], svg_of(plot).encode())
    return files


def svg_of(plot: Plot) -> str:
    """Return the plot as an SVG image on white."""
    import vl_convert

    spec = {**plot.spec, "width": WIDTH, "background": "white"}
    svg: str = vl_convert.vegalite_to_svg(json.dumps(spec))
    return svg
