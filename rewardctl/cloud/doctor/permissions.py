"""Checks of IAM by simulation: the trainer's right to invoke, the function's right to call its judge."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.doctor.finding import Finding, unknown
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.target import Target

PROFILE_PREFIX = re.compile(r"(?:us|eu|apac|jp|au|ca|global|us-gov)\.")


def check_invoker(clients: Clients, target: Target, principal: str | None) -> Iterator[Finding]:
    """Check whether `principal`, the trainer's role, may invoke the target."""
    if principal is None:
        yield Finding(
            "may invoke", "can't tell", "the trainer's role is not known",
            "Give --principal ROLE_ARN. The role needs lambda:InvokeFunction on this ARN.",
        )  # fmt: skip
        return
    try:
        decisions = _simulated(clients, principal, "lambda:InvokeFunction", [target.arn])
    except CloudError as error:
        yield unknown(
            "may invoke", error, otherwise="The trainer's role needs lambda:InvokeFunction on this ARN."
        )
        return
    if all(allowed for _, allowed in decisions):
        yield Finding("may invoke", "ok", f"{principal} may invoke {target.arn}")
    else:
        remedy = f"Allow lambda:InvokeFunction on {target.arn} in its identity policy."
        yield Finding("may invoke", "failed", f"{principal} may not invoke {target.arn}", remedy)


def check_judge_access(
    clients: Clients, target: Target, role: str, models: Sequence[str]
) -> Iterator[Finding]:
    """Check whether the function's role may call each judge: its profile, and its model in all regions."""
    for model in models:
        try:
            profile, resources = judge_resources(clients, target, model)
            decisions = _simulated(clients, role, "bedrock:InvokeModel", resources, profile)
        except CloudError as error:
            yield unknown("may call the judge", error, otherwise="The judged rollouts below show it.")
            continue
        denied = [resource for resource, allowed in decisions if not allowed]
        if denied:
            remedy = "Allow bedrock:InvokeModel on these in the function's role; `make deploy` does so."
            yield Finding(
                "may call the judge", "failed", f"the role may not call {', '.join(denied)}", remedy
            )
        else:
            seen = f"the role may call {model}" + (f" in {len(resources) - 1} regions" if profile else "")
            yield Finding("may call the judge", "ok", seen)


def judge_resources(clients: Clients, target: Target, model: str) -> tuple[str, list[str]]:
    """Return the ARN of the inference profile, "" if `model` is none, and all ARNs that need permission.

    Raises CloudError.
    """
    if not (PROFILE_PREFIX.match(model) or ":inference-profile/" in model):
        arn = f"arn:{target.partition}:bedrock:{target.region}::foundation-model/{model}"
        return "", [model if model.startswith("arn:") else arn]
    with explained(f"reading the inference profile {model}"):
        details = clients("bedrock").get_inference_profile(inferenceProfileIdentifier=model)
    profile: str = details["inferenceProfileArn"]
    return profile, [profile, *(each["modelArn"] for each in details["models"])]


def _simulated(
    clients: Clients, principal: str, action: str, resources: Sequence[str], profile: str = ""
) -> list[tuple[str, bool]]:
    """Return each resource with whether the principal may do the action on it. Raises CloudError."""
    if principal.endswith(":root"):
        return [(resource, True) for resource in resources]
    context: list[dict[str, Any]] = []
    if profile:
        key = "bedrock:InferenceProfileArn"
        context = [{"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [profile]}]
    with explained(f"simulating {action} for {principal}"):
        return [
            (resource, _is_allowed(clients, principal, action, resource, context)) for resource in resources
        ]


def _is_allowed(
    clients: Clients, principal: str, action: str, resource: str, context: Sequence[dict[str, Any]]
) -> bool:
    """Simulate one resource a call: a response about several does not say which one is denied."""
    pages = (
        clients("iam")
        .get_paginator("simulate_principal_policy")
        .paginate(
            PolicySourceArn=principal,
            ActionNames=[action],
            ResourceArns=[resource],
            ContextEntries=list(context),
        )
    )
    decisions = [each["EvalDecision"] for page in pages for each in page["EvaluationResults"]]
    return bool(decisions) and all(decision == "allowed" for decision in decisions)
