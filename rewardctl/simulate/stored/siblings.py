"""The judge by self-consistency over stored answers: right is what other answers to the prompt agree with."""

import numpy as np

from reward_fn.checks.numeric_answer import committed_number
from reward_fn.text.answer import find_answer
from rewardctl.simulate.stored.answers import Answers, Bools


def agreeing(answers: Answers, least: int) -> Bools:
    """Marks the answers with the final number of at least ``least`` others.

    A real judge, better than chance, and wrong in a systematic way: a mistake that most answers share passes.
    """
    marks = np.zeros(answers.present.shape, bool)
    for place, group in enumerate(answers.rows):
        texts = [str(row["messages"][-1]["content"]) for row in group]
        numbers = [committed_number(find_answer(text), lenient=True)[0] for text in texts]
        for column, number in enumerate(numbers):
            marks[place, column] = number is not None and numbers.count(number) > least
    return marks
