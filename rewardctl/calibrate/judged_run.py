"""A run as a judge to be calibrated: its answers, its identity and its cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.judge.models.prices import has_price, price_of
from reward_fn.judge.models.tiers import TIERS
from rewardctl.calibrate.answers import Answers, RowKeys, prompt_of
from rewardctl.calibrate.binding import full_names
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.label_source import LabelSource
from rewardctl.runs.folder import INFO, RunError, read_info
from rewardctl.runs.records import RecordsError, read_records


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """One run. ``definition`` has the keys name, version, sha256 and, of a run folder, path.

    ``judge`` is the name that chose the judge, "" if the records do not say. ``cost_usd`` is the cost of a
    thousand rollouts, None if it is not known. ``is_finished`` is false for a run that was interrupted.
    """

    path: Path
    definition: Mapping[str, str]
    judge: str
    models: tuple[str, ...]
    cost_usd: float | None
    answers: Answers
    is_finished: bool = True

    @property
    def name(self) -> str:
        """The judge in a word or two: its tier, its models, or the name that chose it."""
        if self.judge and self.judge != "bedrock":
            return self.judge
        tiers = {model: tier for tier, model in TIERS.items()}
        return " + ".join(tiers.get(model, model) for model in self.models) or self.path.stem

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for two runs of the same judge."""
        return (self.definition["name"], self.definition["version"], self.judge, *self.models)


def read_run(path: Path, source: LabelSource) -> JudgedRun:
    """Read a run folder, a file of records or a folder of traces; rows without labels are only counted.

    Raises CalibrateError if it can't be read, is empty, or holds records of two definitions.
    """
    answers, keys, spending = Answers(), RowKeys(), Spending()
    definition: dict[str, str] = {}
    try:
        for record in read_records(path):
            definition = _same_definition(definition, record, path)
            spending.add(record)
            key = source.key_of(record, keys)
            is_kept = source.take(record, key)
            answers.add(record, key, prompt_of(record, source.judged), is_kept=is_kept)
        info = read_info(path) if (path / INFO).is_file() else {}
    except (RecordsError, RunError) as error:
        raise CalibrateError(str(error)) from error
    except KeyError as error:
        raise CalibrateError(f"{path} holds a record without {error}; score the rows again") from error
    if not answers.seen:
        raise CalibrateError(f"{path} holds no record; score a data set with `rewardctl score` first")
    return JudgedRun(
        path=path,
        definition={**_texts(info.get("definition")), **definition},
        judge=str(info.get("judge", "")),
        models=full_names(info.get("models") or sorted(spending.models)),
        cost_usd=_cost_of_thousand(info, spending, answers.seen),
        answers=answers,
        is_finished=info.get("finished_at", "") is not None,
    )


class Spending:
    """Adds up what the judge calls of records cost, by the price list."""

    def __init__(self) -> None:
        self.models: set[str] = set()
        self.usd = 0.0
        self.is_known = True

    def add(self, record: Mapping[str, Any]) -> None:
        """Add the calls of one record; a call about several rollouts counts in part."""
        for call in record.get("calls", ()):
            self.models.add(call["model"])
            if not has_price(call["model"]):
                self.is_known = False
                continue
            tokens = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
            usd = price_of(call["model"]).of(*(call.get(name) or 0 for name in tokens))
            self.usd += usd / max(1, call.get("shared_by") or 1)


def _cost_of_thousand(info: Mapping[str, Any], spending: Spending, rows: int) -> float | None:
    if isinstance(info.get("cost_usd"), int | float):
        return 1000 * float(info["cost_usd"]) / rows
    return 1000 * spending.usd / rows if spending.is_known and spending.models else None


def _same_definition(before: dict[str, str], record: Mapping[str, Any], path: Path) -> dict[str, str]:
    now = {
        "name": str(record["definition"]),
        "version": str(record["definition_version"]),
        "sha256": str(record.get("definition_sha256", "")),
    }
    if before and before != now:
        raise CalibrateError(
            f"{path} holds records of two definitions, {before['name']} {before['version']} and "
            f"{now['name']} {now['version']}; give one --run for each"
        )
    return now


def _texts(value: Any) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, dict) else {}
