"""Known messages of Bedrock Runtime: what each means for a rollout, and what people can do about it.

docs/operating.md shows this table; a test holds the two together. ``source`` says where the wording was seen:
``owner/repository#number`` is an issue or pull request on GitHub.
"""

from collections.abc import Mapping, Set
from typing import NamedTuple

from reward_fn.judge.providers.bedrock.converse import BLOCKED
from reward_fn.types.unscored import Reason

_THROTTLES = frozenset({Reason.THROTTLED})
_REFUSALS = frozenset({Reason.DENIED, Reason.INVALID_REQUEST})
_TEXTS = frozenset({Reason.INVALID_REQUEST, Reason.MODEL_ERROR})
_ERROR_CODES = "Bedrock user guide, Troubleshooting API error codes"


class Known(NamedTuple):
    """A message that the service is known to send.

    ``says`` is a regular expression, searched for in ``code: message`` in lower case. The entry applies where
    code and status alone mean one of ``among``. ``remedy`` may name {model}, {profile}, {region}, {action}
    and {resource}.
    """

    says: str
    among: Set[Reason]
    reason: Reason
    remedy: str
    source: str


def _denied(says: str, remedy: str, source: str) -> Known:
    """Nothing about the question: the function may not ask this judge, and no retry changes that."""
    return Known(says, _REFUSALS, Reason.DENIED, remedy, source)


KNOWN: tuple[Known, ...] = (
    Known(
        r"per (?:day|week|month)\b|\bdaily\b",
        _THROTTLES,
        Reason.QUOTA_EXHAUSTED,
        "today's quota for {model} is used up, or is 0: raise it in Service Quotas, or name a fallback",
        "minorun365/agent-book#29, Ivy-Interactive/Ivy-Tendril#1756",
    ),
    _denied(
        r"on-demand throughput isn.t supported",
        "this model needs an inference profile: use {profile}",
        "terricain/aioboto3#352, anomalyco/opencode#396",
    ),
    _denied(
        r"reached the end of its life",
        "the model has reached its end of life: choose another",
        "aws-samples/amazon-bedrock-ai-karaoke#21, BerriAI/litellm#42053",
    ),
    _denied(
        r"marked by provider as legacy",
        "the model is being retired and closed to accounts that did not use it lately: choose another",
        "awslabs/llmeter#35, aws-samples/amazon-bedrock-workshop#386",
    ),
    _denied(
        r"use case details have not been submitted|required use-case form|^ftuformnotfilled",
        "submit the provider's use case form in the Bedrock console, then wait 15 minutes",
        f"obot-platform/obot#6747, truefoundry/models#934; {_ERROR_CODES}",
    ),
    _denied(
        r"invalid_payment_instrument",
        "the AWS account needs a valid payment method",
        "Tracer-Cloud/opensre#1811",
    ),
    _denied(
        r"aws-marketplace|aws marketplace|^mpagreement",
        "the account is not subscribed to the model: open it in the Bedrock console, then wait 15 minutes",
        f"aws-samples/anthropic-on-aws#252; {_ERROR_CODES}",
    ),
    _denied(
        r"service control policy",
        "the organization forbids {action} on {resource}: have its policy changed, or choose another region",
        "aws-samples/sample-badgers#33, tinovyatkin/amazon-bedrock-copilot-chat#396",
    ),
    _denied(
        r"vpc endpoint policy",
        "the VPC endpoint's policy forbids {action} on {resource}: allow it there",
        "IAM user guide, Troubleshoot access denied error messages",
    ),
    _denied(
        r"not authorized to perform",
        "the role lacks {action} on {resource}: allow it in the function's role",
        "aws-samples/semantic-search-with-amazon-opensearch#43, BerriAI/litellm#39166",
    ),
    _denied(
        r"don.t have access to the model",
        "access to {model} is not granted in {region}: request it in the Bedrock console, or choose another",
        "dirkpetersen/our-chat#3, aws-samples/generative-ai-to-build-a-devsecops-chatbot#3",
    ),
    _denied(
        r"account is not authorized|operation not allowed",
        "the account may not call this model in {region}: choose another region, or ask AWS Support",
        "aws-samples/amazon-bedrock-audio-summarizer#3, aws/aws-cli#8717, kirodotdev/Kiro#11191",
    ),
    _denied(
        r"model identifier is invalid|could not resolve the foundation model",
        "{region} has no model of this name: check the id, or use an inference profile of the region",
        "opensearch-project/agent-health#298, langchain-ai/open_deep_research#224",
    ),
    _denied(
        r"data retention mode",
        "the model needs another data retention mode: set it for the account, or choose another model",
        "kortix-ai/suna#6897",
    ),
    _denied(
        r"^expiredtoken|^tokenrefreshrequired|token (?:included in the request is|has) expired",
        "the credentials have expired: renew them",
        "anthropics/claude-code#28032, Netflix/metaflow#486",
    ),
    _denied(
        r"^unrecognizedclient|^invalidclienttokenid|^notauthorized",
        "AWS does not know these credentials: check the access key, its session token and the account",
        f"langchain-ai/langchain#19677, vercel/ai#4163; {_ERROR_CODES}",
    ),
    _denied(
        r"^invalidsignature|^signaturedoesnotmatch|^requestexpired|^incompletesignature",
        "the request's signature is wrong or too old: check the secret key and the clock",
        f"aws-samples/bedrock-access-gateway#163; {_ERROR_CODES}",
    ),
    _denied(
        r"make sure your api key is valid",
        "AWS_BEARER_TOKEN_BEDROCK holds no valid API key: renew it, or unset it",
        "anomalyco/opencode#47073",
    ),
    Known(
        "|".join(
            (
                r"maximum context length",  # Llama, Mistral and other open-weight models
                r"context[ _](?:length|window|limit)",  # Claude: input and max_tokens together
                r"(?:input|prompt) is too long",  # the service itself; Claude
                r"input tokens|input token count",  # Nova, Titan
                r"expected maxlength: \d+, actual",  # older models, in characters
                r"^requestentitytoolarge|^http 413",  # a gateway before the service
            )
        ),
        _TEXTS,
        Reason.OVERFLOW,
        "the question is longer than the judge can read: choose one with a larger context, or show it less",
        "stackblitz-labs/bolt.diy#227, stackblitz/bolt.new#7418, continuedev/continue#6005, "
        "entropy-research/Devon#88, aws-samples/amazon-bedrock-workshop#136, "
        "ryanadoty/Amazon-Bedrock-Amazon-RDS-POC#9; Nova user guide, Error handling",
    ),
    Known(
        rf"{BLOCKED}|blocked by content filtering",
        _TEXTS,
        Reason.FILTERED,
        "the judge's own filter blocked the text: read the rollout, or choose another judge",
        "Nova user guide, Error handling; anthropics/claude-code#6195",
    ),
    Known(
        r"doesn.t support (?:the \S+ field|tool use)",
        _REFUSALS,
        Reason.INVALID_REQUEST,
        'the judge does not take this structure: set another `structure` in [judge], such as "text"',
        "vercel/ai#4396, strands-agents/harness-sdk#1241, langchain-ai/langchain-aws#447",
    ),
    Known(
        r"temperature\W+is deprecated",
        _REFUSALS,
        Reason.INVALID_REQUEST,
        "the judge takes no temperature, and this version sends one: choose another judge, and report it",
        "cline/cline#10572, promptfoo/promptfoo#10307",
    ),
    Known(
        r"maximum tokens you requested exceed",
        _REFUSALS,
        Reason.INVALID_REQUEST,
        "the judge can't write that much in one reply: lower `max_tokens` in [judge], or ask less",
        "RooCodeInc/Roo-Code#248, vercel/ai#2772",
    ),
)

REMEDIES: Mapping[Reason, str] = {
    Reason.THROTTLED: "calls exceed the account's quota: lower lambda_concurrency_limit, or raise the quota",
    Reason.TIMEOUT: "the judge is slow: raise JUDGE_TIMEOUT_S, or name a fallback",
    Reason.UNAVAILABLE: "the service failed: if it lasts, name a fallback",
    Reason.MODEL_ERROR: "the model failed: if it happens often, choose another judge",
    Reason.DENIED: "check bedrock:InvokeModel in the role, and the access to {model} in {region}",
    Reason.INVALID_REQUEST: "the judge refuses the request: choose another judge",
}
"""The remedy for a failure whose message is not in the table."""
