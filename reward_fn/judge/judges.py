"""One judge over all providers: each call goes to the provider of its model."""

import threading
from collections.abc import Iterable

from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.models.provider import JudgeSettings, Provider, provider_of
from reward_fn.types.unscored import Reason


class Judges:
    """The judges of all providers that ``models`` (tiers or names) need, opened now.

    So wrong settings are found before the first batch. The provider of any other model is opened when that
    model is first called. Raises SettingsError.
    """

    def __init__(self, settings: JudgeSettings, models: Iterable[str] = ()) -> None:
        self._settings = settings
        self._opening = threading.Lock()
        self._judges: dict[int, Judge] = {}  # by the provider's id(): modules live as long as the process
        names: dict[int, tuple[Provider, list[str]]] = {}
        for model in models:
            name = profile(model).name
            provider = provider_of(name)
            names.setdefault(id(provider), (provider, []))[1].append(name)
        for key, (provider, known) in names.items():
            self._judges[key] = provider.open_judge(settings, known)

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """One attempt at the model's provider. Raises JudgeFailure."""
        return self._judge_of(model).ask(question, model, within_s=within_s)

    def warm(self) -> None:
        """Warm every judge that is open."""
        for judge in self._judges.values():
            judge.warm()

    def _judge_of(self, model: Model) -> Judge:
        provider = provider_of(model.name)
        judge = self._judges.get(id(provider))
        if judge is not None:
            return judge
        with self._opening:
            try:
                judge = self._judges.get(id(provider)) or provider.open_judge(self._settings, [model.name])
            except SettingsError as error:
                raise JudgeFailure(Reason.DENIED, "the settings do not fit", remedy=str(error)) from error
            self._judges[id(provider)] = judge
        return judge
