"""A secret from AWS Secrets Manager or the SSM Parameter Store. Its text is in no message and no log."""

import re
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from reward_fn.errors import JudgeFailure
from reward_fn.types.unscored import Reason

CONNECT_TIMEOUT_S = 1.5
READ_TIMEOUT_S = 2.5
ATTEMPTS = 2
"""Ten seconds at most together: Lambda's initialisation phase has no more."""
_PASSING = re.compile(r"Throttl|TooMany|Internal|Unavailable|Timeout")


def read_secret(reference: str) -> str:
    """The text of a secret, by its ARN, or of a parameter of the function's own region, by ``ssm:/name``.

    Raises JudgeFailure: denied, or unavailable if a later attempt may succeed."""
    try:
        if reference.startswith("ssm:"):
            parameter = _client("ssm").get_parameter(Name=reference.removeprefix("ssm:"), WithDecryption=True)
            return str(parameter["Parameter"]["Value"])
        region = reference.split(":")[3]
        return str(_client("secretsmanager", region).get_secret_value(SecretId=reference)["SecretString"])
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        reason = Reason.UNAVAILABLE if _PASSING.search(code) else Reason.DENIED
        raise JudgeFailure(reason, f"{code} for {reference}", remedy=_remedy(reference)) from error
    except BotoCoreError as error:
        what = f"{type(error).__name__} for {reference}"
        raise JudgeFailure(Reason.UNAVAILABLE, what, remedy="check the VPC's route to the service") from error
    except KeyError as error:
        remedy = "store the API key as text, not as binary data"
        raise JudgeFailure(Reason.DENIED, f"{reference} holds no text", remedy=remedy) from error


def _client(service: str, region: str | None = None) -> Any:
    """A client of its own session: the shared one is not safe to use from several threads."""
    retries: Any = {"total_max_attempts": ATTEMPTS, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries)
    session: Any = boto3.session.Session()
    return session.client(service, region_name=region, config=config)


def _remedy(reference: str) -> str:
    action = "ssm:GetParameter" if reference.startswith("ssm:") else "secretsmanager:GetSecretValue"
    return f"allow {action} on it in the function's role, and kms:Decrypt if it has a key of its own"
