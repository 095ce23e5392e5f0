"""What --judge names, checked before anything is called, and opened in whichever process asks.

| name | judge |
|---|---|
| ``stand-in`` | the offline judge that compares words |
| ``bedrock`` | the definition's own models, called for real |
| a tier, a model id, ``openai:MODEL@URL`` | that model instead of the definition's |
| ``replay:RUN`` | the verdicts of a run folder, or of traces; no call is made |
| ``siblings``, ``yes``, ``minilm``, ``minilm:FILE`` | a brain, see :mod:`rewardctl.judges.registry` |
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.judge.cache.base import VerdictStore
from reward_fn.judge.models.prices import FREE, Terms, load_prices
from reward_fn.judge.vote.panel import models_of
from reward_fn.settings import Settings, read_settings
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason
from rewardctl.judges import STAND_IN
from rewardctl.judges.brains import BrainJudge
from rewardctl.judges.registry import is_brain, model_name, open_brain
from rewardctl.judges.variation import Variation
from rewardctl.runs.folder import INFO, VERDICTS, open_verdicts, read_info

OWN = "bedrock"
REPLAY = "replay:"


class JudgeChoiceError(ValueError):
    """--judge names no judge that can answer. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class JudgeChoice:
    """A judge by name, for a definition by name; AWS credentials by ``profile`` and ``region``.

    A ``variation`` changes what the judge is asked. With ``no_calls`` it answers nothing.
    """

    name: str = STAND_IN
    profile: str | None = None
    region: str | None = None
    variation: Variation | None = None
    no_calls: bool = False

    @property
    def is_free(self) -> bool:
        """Whether its answers cost nothing."""
        return self.is_stand_in or is_brain(self.name) or self.name.startswith(REPLAY)

    @property
    def is_stand_in(self) -> bool:
        """Whether its verdicts mean nothing."""
        return self.name == STAND_IN

    def definition(self, name: str) -> Definition:
        """The definition as this judge answers it. Raises DefinitionError and JudgeChoiceError."""
        plain = self._plain(name)
        return self.variation.definition(plain) if self.variation else plain

    def _plain(self, name: str) -> Definition:
        if self.name.startswith(REPLAY):
            return self._replayed(name)
        if self.name == OWN:
            return load_definition(name, judge_model=read_settings().judge_model)
        if not self.is_free:
            return load_definition(name, judge_model=self.name)
        try:
            return _asking(model_name(self.name), load_definition(name))
        except ValueError as error:
            raise JudgeChoiceError(str(error)) from error

    def _replayed(self, name: str) -> Definition:
        """The definition with the models that the run's verdicts are stored under."""
        source = self._source
        if not (source / VERDICTS).is_file():
            return _asking(self.name, load_definition(name))
        judge = str(read_info(source).get("judge", STAND_IN))
        return replace(self, name=judge)._plain(name)

    @property
    def _source(self) -> Path:
        """The run folder or the traces with the verdicts; of a run that is a replay itself, its source's."""
        source = Path(self.name.removeprefix(REPLAY))
        if not source.exists():
            raise JudgeChoiceError(f"{source} does not exist; name a run folder, or traces, after {REPLAY}")
        judge = str(read_info(source).get("judge")) if (source / INFO).is_file() else ""
        is_replay = judge.startswith(REPLAY) and judge != self.name
        return replace(self, name=judge)._source if is_replay else source

    def load_prices(self, definition: Definition, *, max_usd: float = 0.0) -> None:
        """Take over the prices of the definition's models: none for a free judge.

        Raises SettingsError if there is a cap and a model has no price.
        """
        models = models_of(definition.judge) if definition.judge else ()
        if self.is_free:
            load_prices(models, [(model, FREE) for model in models])
            return
        settings = read_settings()
        terms = Terms(settings.service_tier, settings.prompt_cache_ttl)
        cap_usd = max_usd or settings.max_cost_usd
        load_prices(models, settings.judge_prices, max_cost_usd=cap_usd, terms=terms)

    @contextmanager
    def opened(self, definition: Definition) -> Iterator["OpenJudge"]:
        """The judge, ready to answer. Raises SettingsError, JudgeChoiceError and RunError."""
        with self._opened(definition) as judge:
            varied = self.variation and judge.judge and self.variation.judge(judge.judge)
            yield replace(judge, judge=varied) if varied else judge

    @contextmanager
    def _opened(self, definition: Definition) -> Iterator["OpenJudge"]:
        settings = read_settings()
        spec = definition.judge
        if spec is None:
            yield OpenJudge(None, settings)
            return
        if self.no_calls:
            yield OpenJudge(_NoJudge(self.name), settings)
            return
        self.load_prices(definition)
        if self.is_free:
            with self._free(spec, settings) as judge:
                yield judge
            return
        from reward_fn.judge.judges import Judges
        from rewardctl.cloud.clients import boto3_environment

        with boto3_environment(self.profile, self.region):
            yield OpenJudge(Judges(settings, models_of(spec)), settings)

    @contextmanager
    def _free(self, spec: JudgeSpec, settings: Settings) -> Iterator["OpenJudge"]:
        """A judge whose answers cost nothing."""
        if self.name == STAND_IN:
            from rewardctl.judges.stand_in import StandInJudge

            yield OpenJudge(StandInJudge(), settings)
        elif self.name.startswith(REPLAY) and (self._source / VERDICTS).is_file():
            with open_verdicts(self._source, read_only=True) as store:
                if store.is_empty():
                    raise JudgeChoiceError(f"{self._source} holds no verdicts; name a run that was judged")
                yield OpenJudge(_NoJudge(self.name), settings, store)
        else:
            yield OpenJudge(self._brain_judge(spec), settings)

    def _brain_judge(self, spec: JudgeSpec) -> BrainJudge:
        try:
            if not self.name.startswith(REPLAY):
                return BrainJudge(open_brain(self.name), spec, self.name)
            from rewardctl.judges.replay import recorded

            return BrainJudge(recorded(self._source), spec, self.name)
        except ValueError as error:
            raise JudgeChoiceError(str(error)) from error


@dataclass(frozen=True, slots=True)
class OpenJudge:
    """A judge that can be asked, the settings that it was opened with, and a store to use instead of the
    run's own."""

    judge: Judge | None
    settings: Settings
    store: VerdictStore | None = None


class _NoJudge:
    """Answers nothing: stored verdicts are all there is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:  # noqa: ARG002
        raise JudgeFailure(Reason.CANNOT_ASSESS, f"{self._name} holds no verdicts on this question")

    def warm(self) -> None:
        """Nothing to load."""


def _asking(name: str, definition: Definition) -> Definition:
    """The definition with one voter of that name. Several votes of a judge that always gives the same
    answer would be that answer again."""
    spec = definition.judge
    if spec is None:
        return definition
    changes: dict[str, Any] = {"models": (name,), "panel": (), "votes": 1, "escalate": ""}
    return replace(definition, judge=replace(spec, **changes))
