"""The wordings that ship: complete, reviewed for the questions as they are, with words that code needs."""

import re
from pathlib import Path

import pytest

from reward_fn.definition.load import SHIPPED, load_definition
from reward_fn.judge.ask.system_text import PROMPTS
from rewardctl.generalize.paraphrase_file import (
    ParaphraseError,
    instruction_wordings,
    questions_mark,
    read_paraphrases,
)
from tests.replay.two_criteria import two

JUDGED = [path.stem for path in sorted(SHIPPED.glob("*.toml")) if "[judge]" in path.read_text("utf-8")]
QUOTED = re.compile(r'"([^"]+)"')


@pytest.mark.parametrize("name", JUDGED)
def test_each_question_of_a_shipped_definition_has_two_other_wordings(name: str) -> None:
    definition = load_definition(name)
    judge = definition.judge
    assert judge
    wordings = read_paraphrases(definition).questions
    assert set(wordings) == {criterion.name for criterion in judge.criteria}
    for criterion in judge.criteria:
        texts = [criterion.question, *wordings[criterion.name]]
        assert len({" ".join(text.split()) for text in texts}) == len(texts) == 3


@pytest.mark.parametrize("name", JUDGED)
def test_the_wordings_were_reviewed_for_the_questions_as_they_are(name: str) -> None:
    """If this fails, a question changed: read its wordings again, then write the new mark into the file."""
    definition = load_definition(name)
    assert read_paraphrases(definition).caution == "", f"the mark is now {questions_mark(definition)}"


@pytest.mark.parametrize("name", JUDGED)
def test_wordings_keep_names_of_fields(name: str) -> None:
    """A word with an underscore is the name of a field or document."""
    definition = load_definition(name)
    wordings = read_paraphrases(definition).questions
    for criterion in definition.judge.criteria if definition.judge else ():
        names = set(re.findall(r"\w+_\w+", criterion.question))
        for text in wordings[criterion.name]:
            assert set(re.findall(r"\w+_\w+", text)) == names


def test_each_fixed_text_but_the_format_has_two_wordings_with_the_words_that_code_needs() -> None:
    texts = {path.stem: path.read_text("utf-8") for path in PROMPTS.glob("*.txt")}
    wordings = instruction_wordings()
    assert set(wordings) == {text for name, text in texts.items() if name != "reply"}
    for original, others in wordings.items():
        assert len(others) == 2
        for other in others:
            assert set(QUOTED.findall(other)) == set(QUOTED.findall(original))
            assert set(re.findall(r"\d+", other)) == set(re.findall(r"\d+", original))
            assert other.startswith("- ") == original.startswith("- ")
            assert other[-2:].count("\n") == original[-2:].count("\n")


def test_a_file_of_ones_own_is_read_and_a_changed_question_is_noticed(tmp_path: Path) -> None:
    served = two(tmp_path)
    file = tmp_path / "own.toml"
    file.write_text('reviewed = "0"\ninstructions = ["Be strict."]\n[question]\nRight = ["Is it true?"]\n')
    read = read_paraphrases(served, file)
    assert (read.count, read.instructions) == (1, ("Be strict.",))
    assert read.wording(1) == (("Right", "Is it true?"),)
    assert read.caution == "own.toml was reviewed for other questions: read it again"
    assert read_paraphrases(served).count == 0, "no file ships for it"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[question]\nWrong = ["x"]\n', "two has no criterion Wrong; it has Clear, Right"),
        ("[question]\nRight = 3\n", "Right needs a list of texts"),
        ('question = "x"\n', "question is a table"),
        ("[question", "is not TOML"),
    ],
)
def test_a_file_with_mistakes_is_refused(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content)
    with pytest.raises(ParaphraseError, match=re.escape(message)):
        read_paraphrases(two(tmp_path), file)
