"""An AWS account in memory, behind boto3's own clients: what it is asked and what it answers is checked
against botocore's description of each call, so that a wrong name fails here as it would there."""

import base64
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

ARN = "arn:aws:lambda:us-east-1:123456789012:function:SageMakerReward"
ALIAS_ARN = f"{ARN}:live"
ROLE = "arn:aws:iam::123456789012:role/function-role"
TRAINER = "arn:aws:iam::123456789012:role/trainer"
PROFILE = "us.amazon.nova-2-lite-v1:0"
STACK = "nova-reward-function"
THIS = "of-this-deployment"
"""In an event, the token of the deployment that is under way."""
CHANGE_SET = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/samcli-deploy1/0000-1111"


def results(payload: bytes, rewards: Sequence[float] = (0.9, 0.2), **flags: float) -> bytes:
    """Well-formed results for the rows of a payload, with the given rewards in turn and metrics."""
    rows = json.loads(payload)
    metrics = [{"name": name, "value": float(value), "type": "Metric"} for name, value in flags.items()]
    return json.dumps(
        [
            {"id": row["id"], "aggregate_reward_score": rewards[i % len(rewards)], "metrics_list": metrics}
            for i, row in enumerate(rows)
        ]
    ).encode()


class Account:
    """State to change before a test, `calls` to look at after it: (operation, parameters) in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.errors: dict[str, tuple[str, str]] = {}
        self.configuration: dict[str, Any] = {
            "FunctionName": "SageMakerReward",
            "Timeout": 300,
            "MemorySize": 1024,
            "Runtime": "python3.13",
            "Architectures": ["x86_64"],
            "Role": ROLE,
            "CodeSha256": "code-1",
            "Layers": [{"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:dependencies:7"}],
            "Environment": {"Variables": {"REWARD_DEFINITION": "contract-review", "JUDGE_MODEL": PROFILE}},
        }
        self.alias: dict[str, Any] | None = {**self.configuration}
        self.alias_version, self.versions = "3", ["$LATEST", "1", "2", "3"]
        self.reserved: int | None = None
        self.account, self.unreserved = 1000, 900
        self.provisioned: dict[str, int] = {"live": 100}
        self.states: list[dict[str, Any]] = []
        self.forbidden: set[str] = set()
        self.quotas: list[tuple[str, float]] = [
            ("Cross-region model inference requests per minute for Amazon Nova 2 Lite", 2000.0),
            ("Cross-region model inference tokens per minute for Amazon Nova 2 Lite", 8_000_000.0),
            ("Global cross-region model inference tokens per minute for Amazon Nova 2 Lite", 1.0),
        ]
        self.function: Callable[[bytes], bytes] = results
        self.log: Callable[[int], str] = lambda _: "REPORT Duration: 1 ms"
        self.invocations = 0
        self.outputs = {"FunctionArn": ARN, "AliasArn": ALIAS_ARN}
        self.statuses = ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
        self.changes: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.token = ""
        self.parameter = ""
        self.function_tags: dict[str, str] = {"aws:cloudformation:stack-name": STACK}

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of each call of an operation."""
        return [parameters for name, parameters in self.calls if name == operation]

    def call(self, client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """In place of botocore's own sending."""
        model = client.meta.service_model.operation_model(operation)
        report = ParamValidator().validate(parameters, model.input_shape)
        assert not report.has_errors(), report.generate_report()
        self.calls.append((operation, parameters))
        if error := self.errors.get(operation):
            raise ClientError({"Error": {"Code": error[0], "Message": error[1]}}, operation)
        answer: dict[str, Any] = getattr(self, f"_{operation}")(parameters)
        if model.output_shape is not None:
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), report.generate_report()
        return answer

    def _absent(self, operation: str, code: str = "ResourceNotFoundException") -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": "not found"}}, operation)

    # Lambda

    def _GetFunctionConfiguration(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        qualified = parameters.get("Qualifier") or parameters["FunctionName"].endswith(":live")
        if qualified and self.alias is None:
            raise self._absent("GetFunctionConfiguration")
        return self.alias if qualified and self.alias else self.configuration

    def _GetAlias(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.alias is None:
            raise self._absent("GetAlias")
        return {"Name": parameters["Name"], "FunctionVersion": self.alias_version}

    def _ListVersionsByFunction(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Versions": [{"Version": each} for each in self.versions]}

    def _GetAccountSettings(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        limit = {"ConcurrentExecutions": self.account, "UnreservedConcurrentExecutions": self.unreserved}
        return {"AccountLimit": limit}

    def _GetFunctionConcurrency(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {} if self.reserved is None else {"ReservedConcurrentExecutions": self.reserved}

    def _ListProvisionedConcurrencyConfigs(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [
            {"FunctionArn": f"{ARN}:{name}", "RequestedProvisionedConcurrentExecutions": count}
            for name, count in self.provisioned.items()
        ]
        return {"ProvisionedConcurrencyConfigs": found}

    def _PutProvisionedConcurrencyConfig(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.provisioned[parameters["Qualifier"]] = parameters["ProvisionedConcurrentExecutions"]
        return {"Status": "IN_PROGRESS"}

    def _GetProvisionedConcurrencyConfig(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        count = self.provisioned.get(parameters["Qualifier"])
        if count is None:
            raise self._absent(
                "GetProvisionedConcurrencyConfig", "ProvisionedConcurrencyConfigNotFoundException"
            )
        state = self.states.pop(0) if self.states else {"Status": "READY"}
        return {
            "RequestedProvisionedConcurrentExecutions": count,
            "AvailableProvisionedConcurrentExecutions": count if state["Status"] == "READY" else 0,
            **state,
        }

    def _DeleteProvisionedConcurrencyConfig(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        del self.provisioned[parameters["Qualifier"]]
        return {}

    def _GetFunction(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Tags": self.function_tags}

    def _Invoke(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        number, self.invocations = self.invocations, self.invocations + 1
        body = self.function(parameters["Payload"])
        failed = {"FunctionError": "Unhandled"} if b'"errorType"' in body else {}
        log = base64.b64encode(self.log(number).encode()).decode()
        return {"StatusCode": 200, "Payload": io.BytesIO(body), "LogResult": log, **failed}

    # IAM and the rest

    def _SimulatePrincipalPolicy(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        (resource,), (action,) = parameters["ResourceArns"], parameters["ActionNames"]
        decision = "implicitDeny" if resource in self.forbidden else "allowed"
        return {"EvaluationResults": [{"EvalActionName": action, "EvalDecision": decision}]}

    def _GetInferenceProfile(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = parameters["inferenceProfileIdentifier"]
        regions = ("us-east-1", "us-west-2")
        model = name.partition(".")[2]
        return {
            "inferenceProfileName": name,
            "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{name}",
            "models": [{"modelArn": f"arn:aws:bedrock:{each}::foundation-model/{model}"} for each in regions],
            "inferenceProfileId": name,
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        }

    def _ListServiceQuotas(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Quotas": [{"QuotaName": n, "Value": v, "QuotaCode": "L-TEST"} for n, v in self.quotas]}

    # CloudFormation

    def _DescribeStacks(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not self.statuses:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": "Stack x does not exist"}}, "DescribeStacks"
            )
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        stack = {"StackName": parameters["StackName"], "CreationTime": "2026-01-01T00:00:00Z"}
        return {"Stacks": [{**stack, "StackStatus": status, "Outputs": outputs}]}

    def _DescribeChangeSet(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Changes": [{"Type": "Resource", "ResourceChange": each} for each in self.changes]}

    def _ExecuteChangeSet(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.token = parameters.get("ClientRequestToken", "")
        return {}

    def _GetParameter(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Parameter": {"Name": parameters["Name"], "Type": "String", "Value": self.parameter}}

    def _DeleteChangeSet(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _DeleteStack(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _DescribeStackEvents(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        own = {THIS: self.token}
        tokens = [own.get(each["ClientRequestToken"], each["ClientRequestToken"]) for each in self.events]
        pairs = zip(self.events, tokens, strict=True)
        found = [{**each, "ClientRequestToken": token} for each, token in pairs]
        return {"StackEvents": found}
