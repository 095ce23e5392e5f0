"""Decide whether the words around a place are English: an English swear word may be harmless elsewhere.

Common words of English and of other languages are counted first. The small language model is asked only if
they do not decide, so that it is not loaded for texts without a listed word.
"""

from collections.abc import Sequence

MAX_QUESTIONS = 50
"""The most calls of the language model for one text."""
FEW_LETTERS, ENOUGH_LETTERS = 6, 20
"""The fewest letters for which the model's answer counts: for foreign look-alikes, and for other words."""
SURE = 0.6
FEW_WORDS = 2

_ENGLISH = frozenset(
    """
    the and you your of that this with are it for have not they what she his her them from by been would could
    should does did but who when where how why all some any our their there here its these those such than
    then about into because which while will can isn aren don wasn weren
    """.split()
)
"""Words that are common in English and rare in other languages."""
_OTHERS = frozenset(
    # German, Dutch, Swedish, Norwegian, Danish; French, Spanish, Portuguese, Italian, Romanian;
    # Polish, Czech, Croatian, Hungarian, Finnish, Turkish, Indonesian, Tagalog, Welsh
    """
    der das und ist nicht ein eine einen einem einer mit auf dem des sich auch von zu zum zur bei wird wie ich
    sie es wir oder aber nach aus sind het een je niet met voor naar dat zijn wordt ook bij uw ik wij deze
    kunt och att det som inte jag til og ikke jeg af er av fra ble en et den om har vi du de
    le la les une est dans pour pas que qui aux avec sur cette nous vous ne el los las del un por se su como
    una os uma com da dos das em il lo gli di che per si della sono din cu este sunt pe sau au ce
    na nie jest od je ve pro sa az egy hogy nem ja ei oli ovat bir bu ile icin yang dan ini itu untuk dengan
    tidak ang ng mga mae yn yr
    """.split()
)
"""Words that are common in other languages and rare in English."""


_SHORT_ENGLISH = frozenset("a an he is was be as am so we me my us no not in on too very such".split())
"""Short English words that other languages also use. "i" is left out: it is a Scandinavian preposition."""


class Surroundings:
    """Tells English from other languages within one text."""

    def __init__(self) -> None:
        self._questions = 0

    def are_english(self, words: Sequence[str], least_letters: int = ENOUGH_LETTERS) -> bool | None:
        """Whether ``words``, in lower case, are English; None if there are too few to tell."""
        english = sum(word in _ENGLISH for word in words)
        others = sum(word in _OTHERS or not word.isascii() for word in words)
        if english != others:
            return english > others
        if english:
            return None
        return self._by_the_model(" ".join(words), least_letters)

    def may_be_english(self, words: Sequence[str]) -> bool:
        """The answer if :meth:`are_english` gives None: at most one word, or at least half are English."""
        return len(words) < FEW_WORDS or 2 * sum(word in _SHORT_ENGLISH for word in words) >= len(words)

    def _by_the_model(self, line: str, least_letters: int) -> bool | None:
        if sum(map(str.isalpha, line)) < least_letters or self._questions >= MAX_QUESTIONS:
            return None
        from reward_fn.text.language import likely

        self._questions += 1
        code, probability = likely(line)[0]
        return code == "en" if probability >= SURE else None
