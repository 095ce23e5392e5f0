"""Checks of the function's name and ARN: which callers accept them."""

from collections.abc import Iterator

from rewardctl.cloud.doctor.finding import Finding
from rewardctl.cloud.target import Target


def check_name(target: Target) -> Iterator[Finding]:
    """Check for "SageMaker" in the name, which HyperPod and AWS's managed policies require."""
    if "SageMaker" in target.name:
        yield Finding("name", "ok", f'{target.name} contains "SageMaker"')
    else:
        yield Finding(
            "name", "failed", f'{target.name} does not contain "SageMaker", in this spelling',
            "HyperPod and AWS's managed policies will not call it: deploy it under another FunctionName.",
        )  # fmt: skip


def check_form(target: Target) -> Iterator[Finding]:
    """Say which callers accept the ARN, and which need the other form."""
    if not target.qualifier or target.qualifier == "$LATEST":
        yield Finding(
            "ARN form", "ok",
            "a function's ARN: accepted by the SageMaker SDKs, recipes and Bedrock; it calls $LATEST, "
            "which has no provisioned concurrency",
            f"Recipes and Bedrock: give {target.function_arn}:live. SDKs: `make warm` before the job.",
        )  # fmt: skip
    elif target.qualifier.isdigit():
        yield Finding(
            "ARN form", "warning",
            f"version {target.qualifier}: accepted by recipes and Bedrock, not by the SageMaker SDKs; a "
            "later deployment does not reach it",
            f"Give the alias, {target.function_arn}:live, unless you want exactly this version.",
        )  # fmt: skip
    else:
        yield Finding(
            "ARN form", "ok",
            f"alias {target.qualifier}: accepted by recipes and Bedrock, not by the SageMaker SDKs",
            f"SDKs (RLVRTrainer, amzn-nova-forge): give {target.function_arn}.",
        )  # fmt: skip
