"""The rules for names: who calls a function of that name, and who takes an ARN of that form."""

from collections.abc import Iterator

from rewardctl.cloud.doctor.finding import Finding
from rewardctl.cloud.target import Target


def check_name(target: Target) -> Iterator[Finding]:
    """HyperPod and AWS's managed policies call only functions whose name holds "SageMaker", spelled so."""
    if "SageMaker" in target.name:
        yield Finding("name", "ok", f'{target.name} holds "SageMaker"')
    else:
        yield Finding(
            "name", "failed", f'{target.name} does not hold "SageMaker", spelled so',
            "HyperPod and AWS's managed policies will not call it: deploy it under another FunctionName.",
        )  # fmt: skip


def check_form(target: Target) -> Iterator[Finding]:
    """Which callers take the ARN as given, and which need the other form."""
    if not target.qualifier or target.qualifier == "$LATEST":
        yield Finding(
            "ARN form", "ok",
            "a function's ARN: taken by the SageMaker SDKs, recipes and Bedrock; lands on $LATEST, which "
            "has no provisioned concurrency",
            f"Recipes and Bedrock: give {target.function_arn}:live. SDKs: `make warm` before the job.",
        )  # fmt: skip
    elif target.qualifier.isdigit():
        yield Finding(
            "ARN form", "warning",
            f"version {target.qualifier}: taken by recipes and Bedrock, not by the SageMaker SDKs; a later "
            "deployment does not reach it",
            f"Give the alias, {target.function_arn}:live, unless this very version is wanted.",
        )  # fmt: skip
    else:
        yield Finding(
            "ARN form", "ok",
            f"alias {target.qualifier}: taken by recipes and Bedrock, not by the SageMaker SDKs",
            f"SDKs (RLVRTrainer, amzn-nova-forge): give {target.function_arn}.",
        )  # fmt: skip
