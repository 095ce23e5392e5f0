"""A picture of the labelling screen, for documentation. The same screen gives the same bytes."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from rewardctl.files import write_whole
from rewardctl.labels.label import LabelError

if TYPE_CHECKING:
    from rewardctl.labels.screen import LabelScreen

SCREEN_SIZE = (80, 24)
"""Columns and lines: the usual size of a terminal."""


def write_picture(screen: "LabelScreen", path: Path) -> None:
    """Write the screen as an SVG file, whole or not at all, without a terminal.

    Raises LabelError if the file can't be written.
    """

    async def draw() -> str:
        async with screen.run_test(size=SCREEN_SIZE) as pilot:
            await pilot.pause()
            return screen.export_screenshot()

    picture = asyncio.run(draw())
    try:
        write_whole(path, picture.encode())
    except OSError as error:
        raise LabelError(f"{path} can't be written: {error.strerror}") from error
