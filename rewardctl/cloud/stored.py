"""A definition in S3 or Parameter Store, read and checked before the function that serves it is built."""

from collections.abc import Mapping

from reward_fn.definition.load import load_pinned
from reward_fn.definition.pin import check_hash, is_stored, parse_pin, sha256_of
from reward_fn.errors import DefinitionError, DefinitionStoreError
from rewardctl.cloud.clients import boto3_environment
from rewardctl.cloud.errors import DENIED, CloudError
from rewardctl.release import judge_model, judges_allowed

REMEDY = (
    "Correct RewardDefinition or RewardDefinitionSha256; `rewardctl check` prints both. Nothing was created."
)
_DENIED = DENIED | {"403", "AllAccessDisabled"}


def look_at_stored(effective: Mapping[str, str], profile: str | None, region: str) -> str:
    """Fetches the definition that all `effective` parameters name, and checks it as the function would.

    "" where it is sound or not a stored one; why it can't be told, where the caller may not read it or the
    store does not answer. Raises CloudError where the function could not serve it.
    """
    uri = effective.get("RewardDefinition", "")
    if not is_stored(uri):
        return ""
    from reward_fn.aws.definition_store import fetch

    try:
        with boto3_environment(profile, region):
            raw = fetch(parse_pin(uri))
        check_hash(sha256_of(raw), effective["RewardDefinitionSha256"], uri)
        load_pinned(raw, uri, judge_model=judge_model(effective), judges_allowed=judges_allowed(effective))
    except DefinitionStoreError as error:
        if error.passing or _is_denied(error):
            return f"Can't tell whether the definition is sound: {error}"
        raise CloudError(str(error), remedy=REMEDY) from error
    except DefinitionError as error:
        raise CloudError(str(error), remedy=REMEDY) from error
    return ""


def _is_denied(error: DefinitionStoreError) -> bool:
    """Whether it is the caller who may not read it; the function's own role may."""
    from botocore.exceptions import ClientError

    cause = error.__cause__
    return isinstance(cause, ClientError) and cause.response.get("Error", {}).get("Code") in _DENIED
