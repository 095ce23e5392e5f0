"""The screen, driven by keys: what it shows, what it writes, and what it never shows."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from rewardctl.labels.label import Label, LabelError
from rewardctl.labels.screen import LabelScreen
from rewardctl.labels.session import Session, plan
from tests.labels.making import ITEMS, NOW, ONE_QUESTION, TWO_QUESTIONS, Kept, subjects

Steps = Callable[["Pilot[int]", LabelScreen], Awaitable[None]]


def drive(session: Session, steps: Steps) -> LabelScreen:
    """Run the screen of 80 columns and 24 lines without a terminal, and do the steps."""
    screen = LabelScreen(session)

    async def run() -> None:
        async with screen.run_test(size=(80, 24)) as pilot:
            await steps(pilot, screen)

    asyncio.run(run())
    return screen


def text_of(screen: LabelScreen, selector: str) -> str:
    return "\n".join(str(widget.content) for widget in screen.query(selector).results(Static))


def press(session: Session, *keys: str) -> LabelScreen:
    async def steps(pilot: "Pilot[int]", _: LabelScreen) -> None:
        await pilot.press(*keys)

    return drive(session, steps)


def shown_after(session: Session, *keys: str, selector: str = "Static") -> str:
    """The text on the screen after some keys."""
    texts: list[str] = []

    async def steps(pilot: "Pilot[int]", screen: LabelScreen) -> None:
        await pilot.press(*keys)
        await pilot.pause()
        texts.append(text_of(screen, selector))

    drive(session, steps)
    return texts[0]


def test_keys_answer_question_after_question(tmp_path: Path) -> None:
    kept = Kept()
    press(kept.session(subjects(tmp_path, TWO_QUESTIONS, "a", "b")), "y", "3", "c", "1", "q")
    assert [(label.id, dict(label.labels)) for label in kept.labels] == [
        ("a", {"Clear": "yes"}),
        ("a", {"Tone": "kind"}),
        ("b", {"Clear": "cannot_assess"}),
        ("b", {"Tone": "rude"}),
    ]


def test_a_key_that_answers_another_question_does_nothing(tmp_path: Path) -> None:
    kept = Kept()
    press(kept.session(subjects(tmp_path, TWO_QUESTIONS, "a")), "3", "9", "z", "enter", "q")
    assert kept.labels == []


def test_undo_skip_and_boundary_have_keys(tmp_path: Path) -> None:
    kept = Kept()
    press(kept.session(subjects(tmp_path, ONE_QUESTION, "a", "b", "c")), "y", "u", "b", "n", "s", "y", "q")
    assert [(label.id, dict(label.labels), label.boundary) for label in kept.labels] == [
        ("a", {"Clear": "yes"}, False),
        ("a", {"Clear": ""}, False),
        ("a", {"Clear": "no"}, True),
        ("c", {"Clear": "yes"}, False),
    ]


def test_the_screen_shows_progress_question_documents_response_and_keys(tmp_path: Path) -> None:
    shown = subjects(
        tmp_path, TWO_QUESTIONS, "a", "b", metadata={"source": "The source."}, prompt="The prompt."
    )
    text = shown_after(Kept().session(shown), "y")
    for part in (
        "ann   1 of 6 answered",
        "Which tone does the answer have, taken as a whole?",
        "Response\nAn answer.",
        "Document: source\nThe source.",
        "Prompt\nThe prompt.",
        "1 rude   2 neutral   3 kind   c cannot assess",
        "u undo   s skip   b boundary",
    ):
        assert part in text


def test_one_item_is_shown_for_a_question_about_it_and_all_for_one_about_the_answer(tmp_path: Path) -> None:
    response = '{"comments": [{"text": "first"}, {"text": "second"}]}'
    shown = subjects(tmp_path, ITEMS, "a", response=response)
    assert "Item 1\ntext: first\nPrompt" in shown_after(Kept().session(shown))
    assert "Item 2\ntext: second\nPrompt" in shown_after(Kept().session(shown), "y")
    assert "Item 1\ntext: first\nItem 2\ntext: second" in shown_after(Kept().session(shown), "y", "y")


def test_a_boundary_mark_is_shown_until_the_answer(tmp_path: Path) -> None:
    shown = subjects(tmp_path, ONE_QUESTION, "a", "b")
    assert "BOUNDARY CASE" in shown_after(Kept().session(shown), "b")
    assert "BOUNDARY CASE" not in shown_after(Kept().session(shown), "b", "b")
    assert "BOUNDARY CASE" not in shown_after(Kept().session(shown), "b", "y")


def test_the_end_says_so_and_takes_no_more_answers(tmp_path: Path) -> None:
    kept = Kept()
    text = shown_after(kept.session(subjects(tmp_path, ONE_QUESTION, "a")), "y", "y", "n")
    assert "All questions are answered or skipped. Press q." in text
    assert "An answer." not in text
    assert len(kept.labels) == 1


def test_undo_at_the_end_shows_the_last_rollout_again(tmp_path: Path) -> None:
    assert "An answer." in shown_after(Kept().session(subjects(tmp_path, ONE_QUESTION, "a")), "y", "u")


def test_a_repeated_showing_looks_like_the_first_one(tmp_path: Path) -> None:
    kept, shown = Kept(), subjects(tmp_path, ONE_QUESTION, "a", "b")
    again = next(task.subject.key for task in plan(shown, 0) if task.repeat)
    keys = ["y"] * ["a", "b"].index(again)
    first = shown_after(kept.session(shown, "bob"), *keys, selector="#question, #material Static")
    assert first == shown_after(kept.session(shown, "cho"), "y", "y", selector="#question, #material Static")


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    response = (
        "[bold red]loud[/] \x1b[2J\x1b]0;owned\x07 \u202egnihton [link=x]click[/link] [@click=app.quit]q[/]"
    )
    text = shown_after(Kept().session(subjects(tmp_path, ONE_QUESTION, "a", response=response)))
    assert "[bold red]loud[/] \u241b[2J\u241b]0;owned\u2407 ⟨U+202E⟩gnihton" in text
    assert "[link=x]click[/link] [@click=app.quit]q[/]" in text


def test_hostile_text_reaches_the_terminal_without_a_control_character(tmp_path: Path) -> None:
    pictures: list[str] = []

    async def steps(pilot: "Pilot[int]", screen: LabelScreen) -> None:
        await pilot.pause()
        pictures.append(screen.export_screenshot())

    response = "before \x1b[2J \x9b31m \u2066 [/nothing] after"
    drive(Kept().session(subjects(tmp_path, ONE_QUESTION, "a", response=response)), steps)
    assert not set(pictures[0]) & set("\x1b\x9b\u2066")
    assert "[/nothing]" in pictures[0].replace("&#160;", " ")


def test_tab_goes_to_the_next_part_and_back_to_the_first(tmp_path: Path) -> None:
    places: list[int] = []

    async def steps(pilot: "Pilot[int]", screen: LabelScreen) -> None:
        for _ in range(3):
            places.append(round(screen.query_one("#material").scroll_offset.y))
            await pilot.press("tab")
            await pilot.pause()

    shown = subjects(tmp_path, ONE_QUESTION, "a", response="word\n" * 60, prompt="word\n" * 60)
    drive(Kept().session(shown), steps)
    # one line of heading, 60 lines and the empty one after the last break
    assert (places[0], places[2]) == (0, 0)
    assert places[1] >= 61


def test_every_key_stands_on_a_small_screen(tmp_path: Path) -> None:
    """24 lines hold the question, the material and both lines of keys, also with a long question."""
    bottoms: list[tuple[int, int]] = []

    async def steps(pilot: "Pilot[int]", screen: LabelScreen) -> None:
        await pilot.pause()
        bottoms.append(
            (screen.query_one("#actions").region.bottom, screen.query_one("#material").region.height)
        )

    toml = ONE_QUESTION.replace("any background?", "any background " + "at all " * 120 + "?")
    drive(Kept().session(subjects(tmp_path, toml, "a", response="word\n" * 100)), steps)
    ((bottom, height),) = bottoms
    assert bottom <= 24
    assert height >= 8


def test_an_answer_that_cannot_be_written_ends_the_screen_with_its_error(tmp_path: Path) -> None:
    def fail(label: Label) -> None:
        raise LabelError("the disk is full")

    session = Session(plan(subjects(tmp_path, ONE_QUESTION, "a"), 0), "ann", (), fail, lambda: NOW)
    screen = press(session, "y")
    assert (str(screen.error), screen.return_value) == ("the disk is full", 1)


def test_the_exit_value_tells_q_from_ctrl_c(tmp_path: Path) -> None:
    shown = subjects(tmp_path, ONE_QUESTION, "a")
    assert press(Kept().session(shown), "q").return_value == 0
    assert press(Kept().session(shown), "ctrl+c").return_value == 130
