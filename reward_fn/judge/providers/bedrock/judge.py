"""A judge on Amazon Bedrock through boto3's Converse: one attempt a call, every failure typed."""

import logging
import threading
from typing import TYPE_CHECKING, NamedTuple

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from reward_fn.aws.clients import client_config
from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.providers._bounded_body import ReplyTooLongError
from reward_fn.judge.providers.bedrock.converse import converse_request, read_reply
from reward_fn.judge.providers.bedrock.exchange import Exchange, bound
from reward_fn.types.unscored import Reason

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

CONNECT_TIMEOUT_S = 5.0
_EMPTY_REPLY = b'{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn"}'


class _Link(NamedTuple):
    """The client of a region, and the exchange that bounds its requests."""

    client: "BedrockRuntimeClient"
    exchange: Exchange


class BedrockJudge:
    """Calls models through one client a region, whose connection pool has ``max_workers`` connections.

    A call ends after ``timeout_s`` seconds, even if its reply hangs, drips or never ends. ``region`` None
    takes the region from the environment, as boto3 does. ``prompt_cache`` says which models are sent cache
    points: "off" none, "free" those that write at the price of plain input, "lead" all that take them. A
    model that refuses a cache point is sent no other. Raises SettingsError if no client can be made.
    """

    def __init__(
        self, *, max_workers: int, timeout_s: float, region: str | None = None, prompt_cache: str = "free"
    ) -> None:
        self._max_write_price = {"off": 0.0, "free": 1.0}.get(prompt_cache, float("inf"))
        self._without_cache: set[str] = set()
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
        cached = model.model_id not in self._without_cache and self._caches(question, model)
        client = link.client
        try:
            response = client.converse(**converse_request(question, model, cached=cached))
        except ClientError as error:
            if not cached or "cach" not in str(error).lower():
                raise
            self._without_cache.add(model.model_id)
            response = client.converse(**converse_request(question, model))
        return read_reply(response)

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
