"""What a judge's calls cost in each way of paying for them, and the quota that they need."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Literal, NamedTuple

from reward_fn.judge.base import Price
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.models.prices import Terms, has_price, load_prices, price_of
from reward_fn.judge.models.provider import is_default
from reward_fn.settings import read_settings
from reward_fn.types.rubric import JudgeSpec
from rewardctl.batch_jobs.replies import SHARE_OF_PRICE
from rewardctl.judge_demand import ModelCalls, Role, calls_by_model
from rewardctl.plan.sizes import Sizes

Range = tuple[float, float]
"""The lowest and the highest figure that is expected."""

Way = Literal["default", "flex", "priority", "cached", "batch"]
WAYS: Mapping[Way, str] = {
    "default": "as usual",
    "flex": "SERVICE_TIER=flex",
    "priority": "SERVICE_TIER=priority",
    "cached": "PROMPT_CACHE=lead",
    "batch": "batch job, no tools",
}
"""Ways of paying. A batch job answers within a day, so it is for data sets and no trainer; it takes no tools,
so the definition needs ``structure`` "json_schema" or "text"."""


class Share(NamedTuple):
    """Shares of the input, in [0, 1], that are read from and written to a prompt cache."""

    read: float = 0.0
    written: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """The calls of one model in the whole job, retries included, and their tokens.

    ``output_tokens`` are those of usual replies and of replies at their limit. ``usd`` has None for a way
    that the model does not offer, or whose price is not published.
    """

    model: str
    role: Role
    calls: int
    input_tokens: int
    output_tokens: tuple[int, int]
    usd: Mapping[Way, Range | None]
    priced: bool


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """One way to judge: the calls of its models. Fallbacks are listed and not added up.

    The lower figures leave out the model that is called only if voters are in doubt, and take usual replies.
    """

    name: str
    models: tuple[ModelPlan, ...]

    def _sum(self, figure: str, *, escalated: bool) -> int:
        roles = ("voter", "escalation") if escalated else ("voter",)
        return sum(getattr(model, figure) for model in self.models if model.role in roles)

    @property
    def calls(self) -> tuple[int, int]:
        """Calls of all models."""
        return self._sum("calls", escalated=False), self._sum("calls", escalated=True)

    @property
    def input_tokens(self) -> tuple[int, int]:
        """Tokens read by all models."""
        return self._sum("input_tokens", escalated=False), self._sum("input_tokens", escalated=True)

    @property
    def output_tokens(self) -> tuple[int, int]:
        """Tokens written by all models."""
        low = sum(model.output_tokens[0] for model in self.models if model.role == "voter")
        return low, sum(model.output_tokens[1] for model in self.models if model.role != "fallback")

    def usd(self, way: Way) -> Range | None:
        """US dollars for the job; None if a voter does not offer this way of paying."""
        voters = [model.usd[way] for model in self.models if model.role == "voter"]
        others = [
            model.usd[way] or model.usd["default"] for model in self.models if model.role == "escalation"
        ]
        if not voters or any(usd is None for usd in voters):
            return None
        low = sum(usd[0] for usd in voters if usd)
        return low, sum(usd[1] for usd in (*voters, *others) if usd)


def judge_plan(name: str, spec: JudgeSpec, questions: float, sizes: Sizes, share: Share) -> JudgePlan:
    """The plan of a rubric with ``questions`` questions to each voter in the whole job."""
    demands = calls_by_model(spec)
    prices = _prices([demand.model for demand in demands])
    return JudgePlan(
        name, tuple(_model_plan(demand, spec, questions, sizes, share, prices) for demand in demands)
    )


def _model_plan(
    demand: ModelCalls,
    spec: JudgeSpec,
    questions: float,
    sizes: Sizes,
    share: Share,
    prices: Mapping[tuple[str, str], Price],
) -> ModelPlan:
    calls = demand.calls * questions
    read, written = calls * sizes.input, (calls * sizes.usual, calls * sizes.most)
    model, usd = profile(demand.model, spec.structure), prices[demand.model, "default"]

    def paid(price: Price, share: Share = Share()) -> Range:  # noqa: B008 - a tuple
        plain = read * (1 - share.read - share.written)
        low, high = (plain * price.input_usd + tokens * price.output_usd for tokens in written)
        cached = read * (share.read * price.cache_read_usd + share.written * price.cache_write_usd)
        return low + cached, high + cached

    tiers = dict(model.tier_prices)
    has_cache = share.read > 0 and model.caches(round(sizes.prefix * 4))
    offers_batch = is_default(model.name)
    low, high = paid(usd)
    ways: dict[Way, Range | None] = {
        "default": (low, high),
        "flex": paid(prices[demand.model, "flex"]) if "flex" in tiers else None,
        "priority": paid(prices[demand.model, "priority"]) if "priority" in tiers else None,
        "cached": paid(usd, share) if has_cache else None,
        "batch": (low * SHARE_OF_PRICE, high * SHARE_OF_PRICE) if offers_batch else None,
    }
    tokens = round(written[0]), round(written[1])
    return ModelPlan(
        demand.model, demand.role, round(calls), round(read), tokens, ways, has_price(demand.model)
    )


def _prices(models: list[str]) -> Mapping[tuple[str, str], Price]:
    """The price of each model in each tier. Prices that are set hold in all of them."""
    settings = read_settings()
    prices = {}
    for tier in ("flex", "priority", "default"):  # the last one stays loaded
        load_prices(models, settings.judge_prices, terms=Terms(tier, settings.prompt_cache_ttl))
        prices.update({(model, tier): price_of(model) for model in models})
    return prices


class Quota(NamedTuple):
    """What one model needs a minute so that nothing is throttled; ``reserved`` are the tokens of one call."""

    model: str
    requests: int
    tokens: int
    reserved: int


def quota_of(model: str, in_flight: int, calls_a_minute: float, latency_s: float, sizes: Sizes) -> Quota:
    """The quota for at most ``in_flight`` calls at once, and ``calls_a_minute`` calls in the fullest minute.

    Bedrock reserves ``maxTokens`` at the start of a call; at its end a token written may count several times
    (Bedrock user guide, "How tokens are counted").
    """
    from rewardctl.emulate.quota import burndown

    requests = ceil(min(in_flight * 60 / latency_s, calls_a_minute))
    reserved = sizes.input + max(sizes.most, burndown(model) * sizes.usual)
    return Quota(model, requests, ceil(requests * reserved), ceil(reserved))
