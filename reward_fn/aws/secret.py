"""A secret from AWS Secrets Manager or the SSM Parameter Store. Its text is in no message and no log."""

import re
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from reward_fn.aws.clients import client_config, open_client
from reward_fn.errors import JudgeFailure
from reward_fn.types.unscored import Reason

CONNECT_TIMEOUT_S = 1.5
READ_TIMEOUT_S = 2.5
ATTEMPTS = 2
"""Ten seconds at most together: Lambda's initialisation phase has no more."""
_NETWORK = "check the VPC's route to the service, and AWS_ENDPOINT_URL"
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
    except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint or region that no client takes
        what = f"{type(error).__name__} for {reference}"
        raise JudgeFailure(Reason.UNAVAILABLE, what, remedy=_NETWORK) from error
    except KeyError as error:
        remedy = "store the API key as text, not as binary data"
        raise JudgeFailure(Reason.DENIED, f"{reference} holds no text", remedy=remedy) from error


def _client(service: str, region: str | None = None) -> Any:
    config = client_config(
        connect_timeout_s=CONNECT_TIMEOUT_S, read_timeout_s=READ_TIMEOUT_S, attempts=ATTEMPTS
    )
    return open_client(service, config.merge(Config(region_name=region)) if region else config)


def _remedy(reference: str) -> str:
    action = "ssm:GetParameter" if reference.startswith("ssm:") else "secretsmanager:GetSecretValue"
    return f"allow {action} on it in the function's role, and kms:Decrypt if it has a key of its own"
