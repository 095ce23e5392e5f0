"""What a calibration holds for: one definition, one prompt of the judge, one set of models."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from reward_fn.definition.rollout_rubric import with_own_rubric
from reward_fn.judge.ask.modes import inquiries
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.vote.panel import models_of
from reward_fn.text.digest import digest
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rollout import Message, Rollout
from reward_fn.types.rubric import JudgeSpec

_RUBRIC = [{"name": "Probe", "question": "Is this a probe of the prompt?"}]


@dataclass(frozen=True, slots=True)
class Binding:
    """The identity of a judge. A calibration says nothing about a judge with another one.

    ``definition_version`` is a hash over the definition and all files it refers to, ``prompt_sha256`` one
    over the question that the judge gets about a fixed rollout, "" if it is not known. ``judge`` is the name
    that chose the judge, and ``models`` are the models that answered.
    """

    definition: str
    definition_version: str
    prompt_sha256: str
    judge: str
    models: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The fields for JSON."""
        return {**asdict(self), "models": list(self.models)}


def binding_from(fields: Mapping[str, Any]) -> Binding:
    """The binding in the JSON of a calibration. Raises KeyError or TypeError for anything else."""
    return Binding(
        definition=str(fields["definition"]),
        definition_version=str(fields["definition_version"]),
        prompt_sha256=str(fields["prompt_sha256"]),
        judge=str(fields["judge"]),
        models=tuple(map(str, fields["models"])),
    )


def stale_reasons(then: Binding, now: Binding) -> Iterator[str]:
    """Why a calibration of ``then`` does not hold for the judge ``now``; nothing if it does."""
    if then.definition != now.definition:
        yield f"it is of the definition {then.definition!r}, not {now.definition!r}"
    elif then.definition_version != now.definition_version:
        yield f"the definition {now.definition!r} has changed since ({then.definition_version} then)"
    elif not then.prompt_sha256 or then.prompt_sha256 != now.prompt_sha256:
        yield "the judge's prompt has changed since, or was not recorded"
    if then.models != now.models:
        yield f"it is of {_joined(then.models)}, and the judge is {_joined(now.models)}"


def prompt_sha256(spec: JudgeSpec | None) -> str:
    """A hash of all that a judge is sent about a fixed rollout, apart from random fences; "" without a judge.

    It covers the fixed prompts of this package, the definition's criteria, instructions and documents, and
    the schema of the reply. The models are left out: they are compared by themselves.
    """
    if spec is None:
        return ""
    rubric = _with_probe(spec)
    materials = [_material(rubric, place) for place in (0, 1)]
    questions = [question for inquiry in inquiries(materials, rubric) for question in inquiry.questions]
    return digest(*(text for q in questions for text in (q.key, q.system, repr(q.schema))))


def models_named(definition: Definition) -> tuple[str, ...]:
    """The full names of the models of a definition's judge, in the order of their calls; () without one."""
    return full_names(models_of(definition.judge)) if definition.judge else ()


def full_names(models: Sequence[str]) -> tuple[str, ...]:
    """The full names of tiers and models, so that two names of one model compare equal."""
    return tuple(dict.fromkeys(profile(model).name for model in models))


def _joined(models: Sequence[str]) -> str:
    return " + ".join(models) or "no model"


def _with_probe(spec: JudgeSpec) -> JudgeSpec:
    fixed = replace(spec, models=("model",), panel=(), escalate="")
    if not spec.own_rubric:
        return fixed
    probed = with_own_rubric(_rollout(0), fixed)
    return probed if isinstance(probed, JudgeSpec) else fixed


def _material(spec: JudgeSpec, place: int) -> Material:
    documents = {document.name: document.name for document in spec.documents}
    items: Sequence[Any] | None = ["item"] if spec.items else None
    return Material(_rollout(place), spec, documents, items, "reference" if spec.against else "")


def _rollout(place: int) -> Rollout:
    messages = (Message("user", "prompt"),)
    return Rollout(place, str(place), messages, f"response {place}", None, {"rubric": _RUBRIC})
