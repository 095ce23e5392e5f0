"""What is released: a hash over all that decides a reward, and the parameters checked before they cost.

``AutoPublishCodeSha256`` takes the hash. SAM alone makes a new version only where the code's own archive
changes, so that a changed definition or parameter would reach ``$LATEST`` and not the alias.
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
from rewardctl.local.paths import SHIPPED_DEFINITIONS
from rewardctl.template import broken_rules, defaults, load_template, out_of_bounds

HASH = "ReleaseHash"
SHIPPED_SUFFIXES = frozenset({".py", ".toml", ".json", ".txt", ".sql"})
"""Of the files of ``reward_fn`` that ship; ``layers/deps/build.py`` copies the same."""


def release_hash(project: Path, parameters: Mapping[str, str]) -> str:
    """64 hex digits over the files that make the release in ``project`` and over ``parameters``.

    The same for the same contents, whatever the files' times and the parameters' order. A parameter that is
    not given has the template's default, and the template is part of the hash.
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
    """What ships of the package, what the layer is made from, and the template. Caches are left out."""
    for path in (project / "reward_fn").rglob("*"):
        if path.is_file() and path.suffix in SHIPPED_SUFFIXES and "__pycache__" not in path.parts:
            yield path
    yield project / "layers" / "deps" / "requirements.txt"
    yield from (project / "layers" / "deps").glob("*.py")
    yield project / "template.yaml"


def own_check_files(project: Path) -> Iterator[tuple[str, Path]]:
    """The checks of one's own that the build puts into the function, each with its path in their folder."""
    named = os.environ.get(CHECKS_PATH, "").strip()
    folder = Path(named).expanduser() if named else project / FOLDER
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not {"__pycache__", "cases", PACKAGES} & set(name.parts):
            yield name.as_posix(), path


def check_parameters(parameters: Mapping[str, str], *, region: str = "") -> list[str]:
    """Every mistake in the parameters of a deployment, each with its remedy; empty where it can go.

    ``parameters`` are those that differ from the template's defaults; ``ReleaseHash`` may still be missing.
    ``region`` is where it is deployed to; "" leaves the rule about it to CloudFormation.
    """
    template = load_template()
    mistakes = list(out_of_bounds(template, parameters))
    if mistakes:
        return mistakes  # the rules would only repeat what a wrong value leads to
    values = {**defaults(template), HASH: "0" * 64, **parameters}
    if region:
        values["AWS::Region"] = region
    mistakes += broken_rules(template, values)
    mistakes += _alarms_elsewhere(values, region)
    return mistakes or list(_wrong_definition(values))


def _wrong_definition(values: Mapping[str, str]) -> Iterator[str]:
    """What the rules can't look into: a pin that is none, a definition that is not there, is wrong, or asks a
    judge that may not be called. A stored one is read by ``rewardctl.cloud.stored``, with credentials."""
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
        yield f"RewardDefinition={name!r}: no such definition ships; name one of {shipped}"
        return
    try:
        definition = load_definition(name, judge_model=judge_model(values))
    except DefinitionError as error:
        yield f"RewardDefinition={name!r}: {error}"
        return
    yield from _forbidden_judges(definition, judges_allowed(values))


def judge_model(values: Mapping[str, str]) -> str:
    """What the template makes the function's JUDGE_MODEL: a model id, "" where the definition chooses."""
    return TIERS.get(values["JudgeModel"], "")


def judges_allowed(values: Mapping[str, str]) -> tuple[str, ...]:
    """The tiers that the template lets the function's role call: JudgeModel and JudgesAllowed."""
    tiers = (values["JudgeModel"], *values["JudgesAllowed"].split(","))
    return tuple(tier for tier in tiers if tier in TIERS)


def _alarms_elsewhere(values: Mapping[str, str], region: str) -> Iterator[str]:
    """A topic of another region: CloudWatch publishes to none."""
    topic = values["AlarmTopicArn"]
    if region and topic and topic.split(":")[3] != region:
        yield f"AlarmTopicArn={topic!r} is not in {region}, where the alarms are; name a topic of {region}"


def _forbidden_judges(definition: Definition, allowed: tuple[str, ...]) -> Iterator[str]:
    """The models of a definition that its function could not call: fallbacks, panel and all."""
    callable_models = {*allowed, *(TIERS[tier] for tier in allowed)}
    for model in models_of(definition.judge) if definition.judge else ():
        if is_default(model) and model not in callable_models:
            tier = next((tier for tier, each in TIERS.items() if model in (tier, each)), None)
            remedy = f"add {tier} to JudgesAllowed" if tier else f"name one of the tiers {', '.join(TIERS)}"
            yield f"RewardDefinition={definition.name!r} is judged by {model!r}, not allowed here; {remedy}"
