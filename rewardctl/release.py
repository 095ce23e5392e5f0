"""The hash of a release, and the check of a deployment's parameters.

``AutoPublishCodeSha256`` takes the hash. Without it, SAM publishes a new version only if the code's archive
changes, so that a changed definition or parameter would reach ``$LATEST`` but not the alias.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from reward_fn.checks.own.folders import CHECKS_PATH, FOLDER, PACKAGES
from reward_fn.definition.load import load_definition
from reward_fn.definition.pin import is_stored, parse_pin
from reward_fn.errors import DefinitionError
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.judge.models.provider import is_default
from reward_fn.judge.vote.panel import models_of
from reward_fn.types.definition import Definition
from rewardctl.judge_servers import server_mistakes
from rewardctl.local.paths import SHIPPED_DEFINITIONS
from rewardctl.template import broken_rules, defaults, load_template, out_of_bounds

HASH = "ReleaseHash"
SHIPPED_SUFFIXES = frozenset({".py", ".toml", ".json", ".txt", ".sql"})
"""Suffixes of the files of ``reward_fn`` that ship; ``layers/deps/build.py`` copies the same."""


def release_hash(project: Path, parameters: Mapping[str, str]) -> str:
    """Hash the files of the release in ``project`` and ``parameters`` to 64 hex digits.

    File times and the order of parameters don't matter. A missing parameter has the template's default, and
    the template is part of the hash.
    """
    digest = hashlib.sha256()

    def add(kind: str, name: str, content: bytes) -> None:
        for part in (kind.encode(), name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)

    for path in sorted(released_files(project)):
        add("file", path.relative_to(project).as_posix(), path.read_bytes())
    for name, path in own_check_files(project):
        add("check", name, path.read_bytes())
    for name in sorted(parameters.keys() - {HASH}):
        add("parameter", name, parameters[name].encode())
    return digest.hexdigest()


def released_files(project: Path) -> Iterator[Path]:
    """Files of the package that ship, of the layer's build, and the template; without caches."""
    for path in (project / "reward_fn").rglob("*"):
        if path.is_file() and path.suffix in SHIPPED_SUFFIXES and "__pycache__" not in path.parts:
            yield path
    yield project / "layers" / "deps" / "requirements.txt"
    yield from (project / "layers" / "deps").glob("*.py")
    yield project / "template.yaml"


def own_check_files(project: Path) -> Iterator[tuple[str, Path]]:
    """Custom checks that the build copies into the function, each with its path in their folder."""
    named = os.environ.get(CHECKS_PATH, "").strip()
    folder = Path(named).expanduser() if named else project / FOLDER
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not {"__pycache__", "cases", PACKAGES} & set(name.parts):
            yield name.as_posix(), path


def check_parameters(parameters: Mapping[str, str], *, region: str = "") -> list[str]:
    """Every mistake in the parameters of a deployment, with its remedy; [] if there is none.

    ``parameters`` are those that differ from the template's defaults; ``ReleaseHash`` may be missing. With
    ``region`` "" the template's rule about regions is not checked.
    """
    template = load_template()
    mistakes = list(out_of_bounds(template, parameters))
    if mistakes:
        return mistakes  # the rules would only repeat these mistakes
    values = {**defaults(template), HASH: "0" * 64, **parameters}
    if region:
        values["AWS::Region"] = region
    mistakes += broken_rules(template, values)
    mistakes += _alarms_elsewhere(values, region)
    return mistakes or list(_definition_mistakes(values))


def _definition_mistakes(values: Mapping[str, str]) -> Iterator[str]:
    """Mistakes in the definition: an invalid pin, a missing or invalid file, a judge that is not allowed.

    The content of a stored definition is checked by ``rewardctl.cloud.stored``, with credentials.
    """
    name, sha256 = values["RewardDefinition"], values["RewardDefinitionSha256"]
    if is_stored(name):
        try:
            parse_pin(name)
        except ValueError as error:
            yield f"RewardDefinition={name!r}: {error}"
        if not sha256:
            yield (
                f"RewardDefinition={name!r} is stored: set RewardDefinitionSha256 too "
                "(`rewardctl check` prints it)"
            )
        return
    if sha256:
        yield 'RewardDefinitionSha256 is for a definition in S3 or Parameter Store: set it to ""'
    if not (SHIPPED_DEFINITIONS / f"{name}.toml").is_file():
        shipped = ", ".join(sorted(path.stem for path in SHIPPED_DEFINITIONS.glob("*.toml")))
        yield f"RewardDefinition={name!r} is not a shipped definition; use one of {shipped}"
        return
    try:
        definition = load_definition(name, judge_model=judge_model(values))
    except DefinitionError as error:
        yield f"RewardDefinition={name!r}: {error}"
        return
    yield from _forbidden_judges(definition, judges_allowed(values))
    yield from server_mistakes(definition, values)


def judge_model(values: Mapping[str, str]) -> str:
    """The value of JUDGE_MODEL that the template sets: a model id, "" if the definition chooses."""
    return TIERS.get(values["JudgeModel"], "")


def judges_allowed(values: Mapping[str, str]) -> tuple[str, ...]:
    """The value of JUDGES_ALLOWED that the template sets: JudgeModel, if it is a tier, and JudgesAllowed."""
    names = (values["JudgeModel"], *values["JudgesAllowed"].split(","))
    return tuple(name for name in names if name in TIERS or not is_default(name))


def _alarms_elsewhere(values: Mapping[str, str], region: str) -> Iterator[str]:
    """A mistake if the alarm topic is in another region, where CloudWatch can't publish."""
    topic = values["AlarmTopicArn"]
    if region and topic and topic.split(":")[3] != region:
        yield f"AlarmTopicArn={topic!r} is not in {region}, where the alarms are; use a topic of {region}"


def _forbidden_judges(definition: Definition, allowed: tuple[str, ...]) -> Iterator[str]:
    """Mistakes for models of the definition that its function may not call."""
    callable_models = {*allowed, *(TIERS[tier] for tier in allowed if tier in TIERS)}
    for model in models_of(definition.judge) if definition.judge else ():
        if is_default(model) and model not in callable_models:
            tier = next((tier for tier, each in TIERS.items() if model in (tier, each)), None)
            remedy = f"add {tier} to JudgesAllowed" if tier else f"use one of the tiers {', '.join(TIERS)}"
            yield f"RewardDefinition={definition.name!r} is judged by {model!r}, not allowed here; {remedy}"
