"""The terminal screen of `rewardctl label`: one question about one rollout at a time, answered by a key.

It shows what the judge would be shown and never a verdict: it is given no record of a run. All texts are
shown as text, without markup.
"""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from rewardctl.labels.label import LabelError
from rewardctl.labels.parts import answers_text, parts_of, question_text
from rewardctl.labels.session import Session, answer_keys
from rewardctl.labels.visible_text import visible

ACTION_KEYS = "u undo   s skip   b boundary   tab next part   q quit"


class LabelScreen(App[int]):
    """Runs until the labeller quits; the exit value is 0, 1 after an error, 130 after Ctrl-C."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "rewardctl label"
    CSS = """
    #progress { background: $primary-darken-2; color: $text; height: 1; padding: 0 1; }
    #question { border: round $primary; padding: 0 1; max-height: 8; }
    #material { padding: 0 1; scrollbar-size-vertical: 1; }
    .heading { color: $text-accent; text-style: bold; margin-top: 1; }
    .first { margin-top: 0; }
    #answers { height: auto; padding: 0 1; text-style: bold; }
    #actions { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", show=False),
        Binding("s", "skip", show=False),
        Binding("b", "boundary", show=False),
        Binding("q", "leave(0)", show=False),
        Binding("ctrl+c,ctrl+q", "leave(130)", show=False, priority=True),
        Binding("tab", "next_part", show=False, priority=True),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.error: LabelError | None = None
        self._shown: list[tuple[str, str]] = []
        self._part = 0

    def compose(self) -> ComposeResult:
        """Lay out progress, question, material and keys, from top to bottom."""
        yield Static(id="progress", markup=False)
        yield Static(id="question", markup=False)
        yield VerticalScroll(id="material")
        yield Static(id="answers", markup=False)
        yield Static(ACTION_KEYS, id="actions", markup=False)

    async def on_mount(self) -> None:
        """Show the first question."""
        await self._show()
        self.query_one("#material").focus()

    async def on_key(self, event: events.Key) -> None:
        """Store the answer that the pressed key gives, if it gives one."""
        task = self.session.current
        if task and event.key in (keys := answer_keys(task)):
            event.stop()
            await self._change(lambda: self.session.answer(keys[event.key]))

    async def action_skip(self) -> None:
        """Pass the question over."""
        await self._change(self.session.skip)

    async def action_undo(self) -> None:
        """Take the last answer back."""
        await self._change(self._undo)

    async def action_boundary(self) -> None:
        """Mark the question as a boundary case, or take the mark away."""
        self.session.boundary = not self.session.boundary
        await self._show()

    def action_leave(self, code: int) -> None:
        """End the session; all answers are in the file already."""
        self.exit(code)

    def action_next_part(self) -> None:
        """Scroll to the next heading of the material, after the last one to the first."""
        headings = list(self.query(".heading"))
        if headings:
            self._part = (self._part + 1) % len(headings)
            headings[self._part].scroll_visible(top=True, animate=False)

    def _undo(self) -> None:
        if not self.session.undo():
            self.bell()

    async def _change(self, change: Callable[[], None]) -> None:
        """Change the session and show the result; end if an answer can't be stored."""
        try:
            change()
        except LabelError as error:
            self.error = error
            self.exit(1)
        else:
            await self._show()

    async def _show(self) -> None:
        self.query_one("#progress", Static).update(self._progress())
        task = self.session.current
        if task is None:
            self.query_one("#question", Static).update("All questions are answered or skipped. Press q.")
            self.query_one("#answers", Static).update("")
            await self._show_parts([])
            return
        self.query_one("#question", Static).update(question_text(task))
        self.query_one("#answers", Static).update(answers_text(task))
        await self._show_parts(parts_of(task))

    async def _show_parts(self, parts: list[tuple[str, str]]) -> None:
        """Replace the material by ``parts``, each a heading and a text, and scroll to its top.

        Nothing moves if these parts are on the screen already, as for the next question about a rollout.
        """
        if parts == self._shown:
            return
        self._shown = parts
        material = self.query_one("#material", VerticalScroll)
        await material.remove_children()
        widgets = []
        for number, (heading, text) in enumerate(parts):
            classes = "heading first" if number == 0 else "heading"
            widgets += [Static(heading, classes=classes, markup=False), Static(visible(text), markup=False)]
        await material.mount(*widgets)
        material.scroll_home(animate=False)
        self._part = 0

    def _progress(self) -> str:
        progress = self.session.progress
        skipped = f", {progress.skipped} skipped" if progress.skipped else ""
        boundary = "   BOUNDARY CASE" if self.session.boundary else ""
        name = visible(self.session.labeller)
        return f"{name}   {progress.done} of {progress.total} answered{skipped}{boundary}"
