"""A judge on Amazon Bedrock through boto3's Converse: one attempt a call, every failure typed."""

import logging
import re
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from reward_fn.aws.clients import client_config
from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.providers._bounded_body import ReplyTooLongError
from reward_fn.judge.providers.bedrock.converse import NO_EXTRAS, TIER, Extras, converse_request, read_reply
from reward_fn.judge.providers.bedrock.exchange import Exchange, bound
from reward_fn.types.unscored import Reason

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

CONNECT_TIMEOUT_S = 5.0
_EMPTY_REPLY = b'{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn"}'
CACHE = "cachePoint"
_REFUSED = {CACHE: "cach", TIER: "validationexception.*(?:service[ _]?tier|reservation not found)"}
"""Words of a refusal of each part that a call can do without. Of the tier: "service tier provided is invalid"
and "Reservation not found." (NousResearch/hermes-agent PR 34476, envoyproxy/ai-gateway PR 1749); of the cache
point: ``rewardctl/emulate/messages.toml``."""
_log = logging.getLogger(__name__)


class _Link(NamedTuple):
    """The client of a region, and the exchange that bounds its requests."""

    client: "BedrockRuntimeClient"
    exchange: Exchange


class BedrockJudge:
    """Calls models through one client a region, whose connection pool has ``max_workers`` connections.

    A call ends after ``timeout_s`` seconds, even if its reply hangs, drips or never ends. ``region`` None
    takes the region from the environment, as boto3 does. ``prompt_cache`` says which models are sent cache
    points: "off" none, "free" those that write at the price of plain input, "lead" all that take them.
    ``extras`` go with each call. A model that refuses a cache point or the service tier is sent no other.
    Raises SettingsError if no client can be made.
    """

    def __init__(
        self,
        *,
        max_workers: int,
        timeout_s: float,
        region: str | None = None,
        prompt_cache: str = "free",
        extras: Extras = NO_EXTRAS,
    ) -> None:
        self._max_write_price = {"off": 0.0, "free": 1.0}.get(prompt_cache, float("inf"))
        self._extras = extras
        self._without_tier = {name: value for name, value in extras.fields.items() if name != TIER}
        self._refused: set[tuple[str, str]] = set()
        self._timeout_s = timeout_s
        self._config = client_config(  # one attempt: retry.py is the one layer
            connect_timeout_s=CONNECT_TIMEOUT_S,
            read_timeout_s=timeout_s,
            connections=max_workers,
            every_batch=True,
        )
        self._others: dict[str, _Link] = {}
        self._making = threading.Lock()
        # A call that was left behind may end when the pool is full again: expected, but urllib3 logs it.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        try:
            # As boto3.client does; boto3 itself would add S3's transfers, and their import, to a cold start.
            self._session = botocore.session.get_session()
            self._own = self._link(region)
        except NoRegionError as error:
            raise SettingsError("AWS_DEFAULT_REGION is not set: set the region that has the judge") from error
        except (BotoCoreError, ValueError) as error:  # a wrong profile, region or endpoint
            raise SettingsError(f"boto3 can't make a client of the AWS_* variables: {error}") from error

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """One Converse call. It ends after ``within_s`` seconds, or after the judge's own shorter time-out.

        Raises JudgeFailure for every error.
        """
        try:
            link = self._link_to(model.place) if model.place else self._own
            if within_s is None or within_s >= self._timeout_s:
                return self._converse(question, model, link)
            with link.exchange.within(within_s):
                return self._converse(question, model, link)
        except JudgeFailure:
            raise
        except ClientError as error:
            from reward_fn.judge.providers.bedrock.failures import client_failure  # not in a cold start

            region = model.place or self._own.client.meta.region_name
            raise client_failure(error, question, model, region) from error
        except ReplyTooLongError as error:
            raise JudgeFailure(Reason.UNAVAILABLE, str(error)) from error
        except BotoCoreError as error:
            from reward_fn.judge.providers.bedrock.failures import library_failure

            raise library_failure(error) from error
        except Exception as error:  # botocore's parser on a body that is not Converse's
            raise JudgeFailure(
                Reason.UNAVAILABLE, f"not a Converse reply ({type(error).__name__})"
            ) from error

    def _converse(self, question: Question, model: Model, link: _Link) -> Reply:
        """One call, and one more for each refused part of it that a call can do without."""
        while True:
            request, parts = self._request(question, model)
            try:
                return read_reply(link.client.converse(**request))
            except ClientError as error:
                part = next((part for part in parts if re.search(_REFUSED[part], str(error).lower())), None)
                if part is None:
                    raise
                first = (model.model_id, part) not in self._refused
                self._refused.add((model.model_id, part))
                if part == TIER and first:
                    _log.warning("judge %s: no such service tier; called in the default tier", model.model_id)

    def _request(self, question: Question, model: Model) -> tuple[dict[str, Any], list[str]]:
        """The arguments of the call, and the parts of it that may be left out."""
        cached = (model.model_id, CACHE) not in self._refused and self._caches(question, model)
        tiered = TIER in self._extras.fields and (model.model_id, TIER) not in self._refused
        hour = self._extras.hour and model.prompt_cache is not None and model.prompt_cache.hour_write_price
        request = converse_request(question, model, cached=cached, cache_ttl="1h" if hour else "")
        request.update(self._extras.fields if tiered else self._without_tier)
        return request, [part for part, sent in ((CACHE, cached), (TIER, tiered)) if sent]

    def _caches(self, question: Question, model: Model) -> bool:
        """Whether the question's prefix is long enough for the model's cache, at a price that is allowed."""
        cache = model.prompt_cache
        if cache is None or cache.write_price > self._max_write_price:
            return False
        return model.caches(question.prefix_chars)

    def _link_to(self, region: str) -> _Link:
        """The link to a region, made at the first call."""
        with self._making:
            if region not in self._others:
                own = region == self._own.client.meta.region_name
                self._others[region] = self._own if own else self._link(region)
            return self._others[region]

    def _link(self, region: str | None) -> _Link:
        client: BedrockRuntimeClient = self._session.create_client(  # type: ignore[assignment]
            "bedrock-runtime", region_name=region, config=self._config
        )
        return _Link(client, bound(client, timeout_s=self._timeout_s))

    def warm(self) -> None:
        """Run one call through boto3 without sending it: boto3 loads much of its code at the first call."""
        schema = {"type": "object", "properties": {}, "required": []}
        question = Question("-", "-", "-", schema, (), {}, max_tokens=1, key="")
        try:
            with self._own.exchange.canned(_EMPTY_REPLY):
                self.ask(question, Model("warm"))
        except JudgeFailure:
            return  # such as missing credentials: the first real call reports them
