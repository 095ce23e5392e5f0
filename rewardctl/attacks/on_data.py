"""`rewardctl attack --data`: from options to the scoreboards and the search on a person's own data."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.console import Console

from reward_fn.judge.ask.modes import MODES
from reward_fn.pipeline import Scorer
from reward_fn.types.definition import Definition
from rewardctl.attacks import SHIPPED_CORPUS
from rewardctl.attacks.attempts import Standard, in_mode
from rewardctl.attacks.board import Board, standards_of, try_probes
from rewardctl.attacks.corpus import CorpusError, load_corpus
from rewardctl.attacks.cost import costs_on_data
from rewardctl.attacks.honest import Tasks, read_tasks
from rewardctl.attacks.probes import Known, known_texts
from rewardctl.attacks.search import Exploit, Search
from rewardctl.attacks.worth import worth_of
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.options import agreed_to, refuse_over_cap
from rewardctl.local.progress import ticking

ALL_MODES = "all"


@dataclass(frozen=True, slots=True)
class DataOptions:
    """The options of the command that concern data; the command's help explains them."""

    data: str
    good: str = ""
    mediocre: str = ""
    bad: str = ""
    good_field: str = ""
    mode: str = ""
    prompts: int = 4
    search: bool = False
    budget: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether money may be spent: ``max_usd`` is the cap (0: none), ``yes`` skips the question."""

    console: Console
    max_usd: float = 0.0
    yes: bool = False


class Report(NamedTuple):
    """What was tried on which data; ``search`` is None without --search."""

    tasks: Tasks
    boards: tuple[Board, ...]
    search: Search | None = None
    exploit: Exploit | None = None

    @property
    def succeeded(self) -> bool:
        """Whether any attack earned the bar."""
        is_exploited = self.exploit is not None and self.exploit.succeeds
        return is_exploited or any(board.succeeded for board in self.boards)

    @property
    def incomplete(self) -> bool:
        """Whether an outage of the judge left attacks unscored, so that silence is no proof."""
        return any(board.failed for board in self.boards)

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the search."""
        return self.search is not None and self.search.stopped == "interrupted"

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON."""
        report: dict[str, Any] = {
            "prompts_in_data": self.tasks.prompts,
            "answers_in_data": self.tasks.answers,
            "bad_lines": self.tasks.problems,
            "boards": [board.as_json() for board in self.boards],
        }
        if self.search is not None:
            report["search"] = {
                "budget": self.search.budget,
                "seed": self.search.seed,
                "calls": self.search.calls,
                "scorings": self.search.scorings,
                "first_success_after": self.search.first_success,
                "stopped": self.search.stopped,
                "exploit": self.exploit.as_json() if self.exploit else None,
            }
        return report


def attack_data(
    options: DataOptions, choice: JudgeChoice, definition: Definition, consent: Consent
) -> Report | None:
    """Try all probes, and search if asked; None if the person did not agree to the cost.

    Raises CorpusError if the data sets no bar, and what opening the judge raises.
    """
    worth = worth_of(options.good, options.mediocre, options.bad, options.good_field)
    tasks = read_tasks(
        options.data, worth, field=options.good_field, count=options.prompts, seed=options.seed
    )
    definitions = [in_mode(definition, mode) for mode in _modes(options.mode, definition)]
    known = known_texts(definition, load_corpus(SHIPPED_CORPUS))
    choice.load_prices(definition, max_usd=consent.max_usd)
    if not choice.is_free:
        budget = options.budget if options.search else 0
        costs = costs_on_data(tasks.tasks, known, definitions, probes=True, budget=budget)
        refuse_over_cap(costs, consent.max_usd)
        if costs and not agreed_to(costs, consent.console, yes=consent.yes):
            return None
    boards = tuple(_board(tasks, known, choice, each, consent.console) for each in definitions)
    if not options.search:
        return Report(tasks, boards)
    return _searched(Report(tasks, boards), options, choice, definitions[0], known, consent.console)


def _modes(mode: str, definition: Definition) -> Sequence[str]:
    """The modes to try, "" for the definition's own."""
    if mode and definition.judge is None:
        raise CorpusError(f"the definition {definition.name!r} has no judge, so no mode; leave --mode out")
    if mode not in ("", ALL_MODES, *MODES):
        raise CorpusError(f"--mode {mode}: there are {', '.join(MODES)}, and {ALL_MODES} for each of them")
    return list(MODES) if mode == ALL_MODES else [mode]


def _board(
    tasks: Tasks, known: Known, choice: JudgeChoice, definition: Definition, console: Console
) -> Board:
    with choice.opened(definition) as opened, _progress(console, lambda: f"{definition.name}: probes"):
        scorer = Scorer(definition, opened.judge, opened.settings)
        standards, without = standards_of(tasks.tasks, scorer)
        return try_probes(standards, without, known, scorer)


def _searched(
    report: Report,
    options: DataOptions,
    choice: JudgeChoice,
    definition: Definition,
    known: Known,
    console: Console,
) -> Report:
    """The report with a search under ``definition``, whose board is the first."""
    standards: Sequence[Standard] = report.boards[0].standards
    with choice.opened(definition) as opened:
        search = Search(
            Scorer(definition, opened.judge, opened.settings), known, options.budget, options.seed
        )
        with _progress(console, lambda: _search_words(search)):
            exploit = search.run(standards)
    return report._replace(search=search, exploit=exploit)


def _search_words(search: Search) -> str:
    best = search.best
    level = f", best {best.fitness:+.3f} to the bar" if best else ""
    return f"search: {search.spent} of {search.budget} spent, {search.scorings} answers scored{level}"


@contextmanager
def _progress(console: Console, words: Callable[[], str]) -> Iterator[None]:
    with ticking(lambda line: console.print(line, style="dim", markup=False), words):
        yield
