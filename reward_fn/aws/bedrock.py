"""A judge on Amazon Bedrock through boto3's Converse: one attempt a call, every failure typed."""

import logging
import threading
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own: refused, and no route
    ConnectTimeoutError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)

from reward_fn.aws.converse import converse_request, read_reply
from reward_fn.aws.failures import client_failure, message_of
from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.models import ModelProfile, profile
from reward_fn.rubric import Reason

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

CONNECT_TIMEOUT_S = 5.0


class BedrockJudge:
    """Asks models through one shared client a region, whose connection pool matches the fan-out.

    ``region`` None takes it from the environment, as boto3 does. Raises SettingsError where that won't do.
    ``prompt_cache`` says which models are sent cache points: "off" none, "free" those that write at the price
    of plain input, "lead" all that take them. One that refuses them all the same is sent none again.
    """

    def __init__(
        self, *, max_workers: int, timeout_s: float, region: str | None = None, prompt_cache: str = "free"
    ) -> None:
        self._dearest_write = {"off": 0.0, "free": 1.0}.get(prompt_cache, float("inf"))
        self._without_cache: set[str] = set()
        self._config = Config(
            max_pool_connections=max_workers,
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=timeout_s,
            retries={"total_max_attempts": 1, "mode": "standard"},  # retry.py is the one layer
            parameter_validation=False,  # our own requests; a tenth of a call's CPU
            user_agent="reward-fn",  # else rebuilt at every call, another tenth
            tcp_keepalive=True,
        )
        self._others: dict[str, BedrockRuntimeClient] = {}
        self._making = threading.Lock()
        # A call that was left behind may end when the pool is full again: no news, and plain text in the log.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        try:
            # What boto3.client does too. boto3 itself adds S3's transfers, and their import, to a cold start.
            self._session = botocore.session.get_session()
            self._client = self._make_client(region)
        except NoRegionError as error:
            raise SettingsError("AWS_DEFAULT_REGION is not set: set the region that has the judge") from error
        except (BotoCoreError, ValueError) as error:  # a profile, a region's name or an endpoint that is none
            raise SettingsError(f"boto3 can't make a client of the AWS_* variables: {error}") from error

    def ask(self, question: Question, model: ModelProfile, *, within_s: float | None = None) -> Reply:  # noqa: ARG002
        """One Converse call. Raises JudgeFailure for everything that goes wrong on the way."""
        try:
            return self._converse(question, model)
        except JudgeFailure:
            raise
        except ClientError as error:
            raise client_failure(error) from error
        except (ReadTimeoutError, ConnectTimeoutError) as error:
            raise JudgeFailure(Reason.TIMEOUT, type(error).__name__) from error
        except NoCredentialsError as error:
            raise JudgeFailure(Reason.DENIED, "no AWS credentials") from error
        except (HTTPClientError, ConnectionError) as error:  # refused, closed, reset, TLS, proxy
            raise JudgeFailure(Reason.UNAVAILABLE, type(error).__name__) from error
        except BotoCoreError as error:
            raise JudgeFailure(Reason.INVALID_REQUEST, type(error).__name__) from error
        except Exception as error:  # botocore's parser on a body that is not Converse's
            raise JudgeFailure(
                Reason.UNAVAILABLE, f"not a Converse reply ({type(error).__name__})"
            ) from error

    def _converse(self, question: Question, model: ModelProfile) -> Reply:
        cached = model.model_id not in self._without_cache and self._caches(question, model)
        client = self._client_in(model.region) if model.region else self._client
        try:
            response = client.converse(**converse_request(question, model, cached=cached))
        except ClientError as error:
            if not cached or "cach" not in message_of(error):
                raise
            self._without_cache.add(model.model_id)
            response = client.converse(**converse_request(question, model))
        return read_reply(response)

    def _caches(self, question: Question, model: ModelProfile) -> bool:
        """Whether the model takes a cache point after a prefix of that length, at an allowed price."""
        cache = model.prompt_cache
        if cache is None or cache.write_price > self._dearest_write:
            return False
        return model.caches(question.prefix_chars)

    def _client_in(self, region: str) -> "BedrockRuntimeClient":
        """The client of a region, made when it is first asked for."""
        with self._making:
            if region not in self._others:
                own = region == self._client.meta.region_name
                self._others[region] = self._client if own else self._make_client(region)
            return self._others[region]

    def _make_client(self, region: str | None) -> "BedrockRuntimeClient":
        return self._session.create_client("bedrock-runtime", region_name=region, config=self._config)  # type: ignore[return-value]

    def warm(self) -> None:
        """Run one call up to the wire and back: the first real one finds loaded what boto3 loads lazily."""
        schema = {"type": "object", "properties": {}, "required": []}
        question = Question("-", "-", "-", schema, (), {}, max_tokens=1, key="")
        events: Any = self._client.meta.events
        events.register_first(_BEFORE_SEND, _canned_answer)
        try:
            self.ask(question, profile("medium"))
        except JudgeFailure:
            return  # no credentials yet: the first real call says so, with its own reason
        finally:
            events.unregister(_BEFORE_SEND, _canned_answer)


_BEFORE_SEND = "before-send.bedrock-runtime.Converse"


class _Body:
    """The least that botocore reads a canned response through."""

    def stream(self, **_: Any) -> list[bytes]:
        return [b'{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn"}']


def _canned_answer(request: Any, **_: Any) -> AWSResponse:
    return AWSResponse(request.url, 200, HTTPHeaders.from_dict({"content-type": "application/json"}), _Body())
