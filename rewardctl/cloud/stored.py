"""Check a definition in S3 or Parameter Store before its function is built."""

from collections.abc import Mapping

from reward_fn.definition.load import load_pinned
from reward_fn.definition.pin import check_hash, is_stored, parse_pin, sha256_of
from reward_fn.errors import DefinitionError, DefinitionStoreError
from rewardctl.cloud.clients import boto3_environment
from rewardctl.cloud.errors import DENIED, CloudError
from rewardctl.judge_servers import server_mistakes
from rewardctl.release import judge_model, judges_allowed

REMEDY = (
    "Correct RewardDefinition or RewardDefinitionSha256; `rewardctl check` prints both. Nothing was created."
)
_DENIED = DENIED | {"403", "AllAccessDisabled"}


def look_at_stored(effective: Mapping[str, str], profile: str | None, region: str) -> str:
    """Fetch the stored definition of the `effective` parameters and check it as the function would.

    Returns "" if it is valid or not stored, and a warning if the caller may not read it or the store does
    not answer. Raises CloudError if the function could not serve it.
    """
    uri = effective.get("RewardDefinition", "")
    if not is_stored(uri):
        return ""
    from reward_fn.aws.definition_store import fetch

    try:
        with boto3_environment(profile, region):
            raw = fetch(parse_pin(uri))
        check_hash(sha256_of(raw), effective["RewardDefinitionSha256"], uri)
        definition = load_pinned(
            raw, uri, judge_model=judge_model(effective), judges_allowed=judges_allowed(effective)
        )
    except DefinitionStoreError as error:
        if error.passing or _is_denied(error):
            return f"Can't tell whether the definition is valid: {error}"
        raise CloudError(str(error), remedy=REMEDY) from error
    except DefinitionError as error:
        raise CloudError(str(error), remedy=REMEDY) from error
    if mistakes := list(server_mistakes(definition, effective)):
        raise CloudError("; ".join(mistakes), remedy="Correct the parameters. Nothing was created.")
    return ""


def _is_denied(error: DefinitionStoreError) -> bool:
    """Whether the caller may not read it. The function's role may still be allowed to."""
    from botocore.exceptions import ClientError

    cause = error.__cause__
    return isinstance(cause, ClientError) and cause.response.get("Error", {}).get("Code") in _DENIED
