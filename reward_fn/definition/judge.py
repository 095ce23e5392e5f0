"""The ``[judge]`` table of a definition: checked, with each mistake named by its path, and compiled."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from reward_fn.definition.allowed_judges import judge_mistake
from reward_fn.definition.criterion import criterion_mistakes, criterion_of, most_verdicts
from reward_fn.definition.judge_mode import mode_mistakes
from reward_fn.judge.ask.modes import POINTWISE
from reward_fn.judge.ask.reply_size import MAX_VERDICTS, least_tokens
from reward_fn.judge.models.catalogue import bare_id, refuses
from reward_fn.types.rubric import MAX_ITEMS, Criterion, Document, JudgeSpec
from reward_fn.types.unscored import Reason

_GARBLED = frozenset({Reason.REFUSED, Reason.MALFORMED, Reason.INCOMPLETE, Reason.TRUNCATED})
_PROVOKED = frozenset({Reason.FILTERED, Reason.OVERFLOW})


class JudgeForm:
    """``[judge]`` of one file. ``compile`` fills its ``mistakes`` and the ``names`` of its criteria."""

    def __init__(
        self,
        data: Mapping[str, Any],
        judge_model: str,
        allowed: Collection[str] | None,
        *,
        has_criteria: bool,
    ) -> None:
        self._data = data
        self._judge_model = judge_model
        self._allowed = allowed
        self._has_criteria = has_criteria
        self.mistakes: list[str] = []
        self.names: list[tuple[str, str]] = []

    def compile(self, low: float) -> JudgeSpec:
        """The rubric; don't use it if there are ``mistakes``. ``low`` is the lower end of the range."""
        data = self._data
        documents = tuple(self._documents())
        criteria = tuple(self._criteria({d.name: d.optional for d in documents}))
        self.mistakes += [
            *self._on_criteria(criteria),
            *self._on_sources(),
            *self._on_models(),
            *self._on_voters(),
            *mode_mistakes(data, criteria),
            *_too_much_for_one_reply(data, criteria),
        ]
        return JudgeSpec(
            models=tuple(model for _, model in self._models()),
            criteria=criteria,
            mode=data.get("mode", POINTWISE.name),
            against=tuple(data.get("against", ())),
            standing=float(data["standing"]) if "standing" in data else None,
            votes=data.get("votes", 1),
            panel=tuple(data.get("panel", ())),
            rule=data.get("rule", "majority"),
            escalate=data.get("escalate", ""),
            structure=data.get("structure", "tool"),
            documents=documents,
            show_prompt=data.get("show_prompt", True),
            items=data.get("items", ""),
            item_fields=tuple(data.get("item_fields", ())),
            min_items=data.get("min_items", 0),
            max_items=data.get("max_items", MAX_ITEMS),
            empty=float(data.get("empty", low)),
            weight=float(data.get("weight", 1.0)),
            max_tokens=int(data["max_tokens"]) if "max_tokens" in data else None,
            own_rubric=data.get("own_rubric", False),
            instructions=data.get("instructions", "").strip(),
            provoked=_PROVOKED | _GARBLED if data.get("provoked") == "floor" else _PROVOKED,
        )

    def _documents(self) -> Iterator[Document]:
        entries = [entry for entry in self._data.get("document", []) if entry is not None]
        for entry in entries:
            yield Document(entry["name"], tuple(entry["source"]), entry.get("optional", False))
        if len({entry["name"] for entry in entries}) < len(entries):
            self.mistakes.append("judge.document: two documents have the same name; rename one of them")

    def _on_sources(self) -> Iterator[str]:
        """Documents and the answer to compare with must not come from the response."""
        documents = enumerate(self._data.get("document", []))
        places = {f"judge.document[{i}].source": entry["source"] for i, entry in documents if entry}
        places["judge.against"] = self._data.get("against", [])
        for place, sources in places.items():
            for i, source in enumerate(sources):
                if source.partition(".")[0] == "response":
                    yield (
                        f'{place}[{i}]: "{source}" can\'t be held against itself; name prompt, '
                        "reference_answer or metadata"
                    )

    def _models(self) -> Iterator[tuple[str, str]]:
        """The main model and its fallbacks, each with the place that names it."""
        if self._judge_model:
            yield "JUDGE_MODEL", self._judge_model
        elif "model" in self._data:
            yield "judge.model", self._data["model"]
        yield from ((f"judge.fallback[{i}]", m) for i, m in enumerate(self._data.get("fallback", [])) if m)

    def _on_models(self) -> Iterator[str]:
        data = self._data
        places = [*self._models(), *((f"judge.panel[{i}]", m) for i, m in enumerate(data.get("panel", [])))]
        places += [("judge.escalate", data["escalate"])] if data.get("escalate") else []
        for path, model in places:
            if model is None:
                continue
            if mistake := judge_mistake(model, self._allowed):
                yield f"{path}: {mistake}"
            elif why := refuses(model, data.get("structure", "tool")):
                yield f"{path}: {why}"

    def _on_voters(self) -> Iterator[str]:
        data = self._data
        panel = [bare_id(model) for model in data.get("panel", []) if model]
        single = {bare_id(model) for _, model in self._models()}
        if len(set(panel)) < len(panel):
            yield "judge.panel: names a model twice, perhaps in two regions; use judge.votes instead"
        if panel and self._judge_model:
            yield "JUDGE_MODEL: does not apply to a judge.panel; in the template set JudgeModel=definition"
        elif panel and "model" in data:
            yield "judge.model: is not asked if there is a panel; leave it out, or add it to the panel"
        elif not panel and not single:
            yield "judge.model: is missing; name a tier or a model id, or a panel"
        if bare_id(data.get("escalate") or "") in {*single, *panel}:
            yield "judge.escalate: is already asked; name a different model, preferably from another family"
        if panel and data.get("fallback"):
            yield "judge.fallback: does not apply to a panel, whose other members still vote; leave it out"
        if "rule" in data and not panel and data.get("votes", 1) == 1:
            yield "judge.rule: needs several voters; set judge.votes or judge.panel, or leave it out"

    def _on_criteria(self, criteria: tuple[Criterion, ...]) -> Iterator[str]:
        data = self._data
        if data.get("min_items", 0) > data.get("max_items", MAX_ITEMS):
            yield "judge.min_items: is more than max_items; lower it"
        if not self._has_criteria and not data.get("own_rubric"):
            yield "judge.criterion: is missing; write a criterion, or set own_rubric = true"
        elif data.get("own_rubric"):
            return  # a rollout may bring criteria with a weight above 0
        elif None not in data.get("criterion", [None]) and not any(c.weight > 0 for c in criteria):
            yield "judge.criterion: no criterion has a weight above 0, so nothing can be earned; add one"

    def _criteria(self, documents: Mapping[str, bool]) -> Iterator[Criterion]:
        has_items = "items" in self._data
        for i, entry in enumerate(self._data.get("criterion", [])):
            if entry is None:
                continue
            place = f"judge.criterion[{i}]"
            self.names.append((place, entry["name"]))
            self.mistakes += criterion_mistakes(
                entry, place, documents, has_items=has_items, shown=self._data.get("item_fields", ())
            )
            yield criterion_of(entry, "item" if has_items else "answer")


def _too_much_for_one_reply(data: Mapping[str, Any], criteria: tuple[Criterion, ...]) -> Iterator[str]:
    """Mistakes that would truncate replies, which leaves their rollouts unscored."""
    verdicts = most_verdicts(criteria, data.get("max_items", MAX_ITEMS))
    if verdicts > MAX_VERDICTS:
        remedy = "lower max_items" if any(c.scope == "item" for c in criteria) else "remove criteria"
        yield f"judge.criterion: a reply has up to {verdicts} verdicts, but {MAX_VERDICTS} fit; {remedy}"
    least = least_tokens(criteria, data.get("max_items", MAX_ITEMS))
    if data.get("max_tokens", least) < least:
        yield f"judge.max_tokens: is too low for {verdicts} verdicts with evidence; set at least {least}"
