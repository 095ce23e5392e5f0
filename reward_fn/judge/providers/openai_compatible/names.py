"""Names of models on OpenAI-compatible servers: ``openai:MODEL@URL``.

The URL is the server's base, to which ``/chat/completions`` is added. It has no user, password, query or
fragment, since the name stands in metrics and logs.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from reward_fn.judge.base import Model, Structure

PREFIX = "openai:"
MAX_NAME_CHARS = 512
"""A dimension of CloudWatch takes 1,024 characters (PutMetricData, Dimension)."""
_MODEL = r"[A-Za-z0-9][A-Za-z0-9._:/@-]*"
_URL = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*"
EXAMPLE = "openai:qwen2.5:7b@http://127.0.0.1:11434/v1"


def read_model(name: str, structure: Structure = "tool") -> Model:
    """The model of a name. All servers take a temperature and tools, as far as is known.

    A server that refuses the temperature is sent none afterwards.
    """
    model_id, _, url = name.removeprefix(PREFIX).rpartition("@")
    url = normal_url(url)
    full_name = f"{PREFIX}{model_id}@{url}"
    return Model(
        model_id, structure, 0.0, place=url, full_name=full_name, identity=full_name, takes_tools=True
    )


def mistake(name: str, structure: Structure) -> str:  # noqa: ARG001 - each server decides on structures
    """Why the name is not a model's, with the remedy; "" if it is one."""
    model_id, at, url = name.removeprefix(PREFIX).rpartition("@")
    if len(name) > MAX_NAME_CHARS:
        return f"the model's name has more than {MAX_NAME_CHARS} characters"
    if not at or not re.fullmatch(_MODEL, model_id) or not re.fullmatch(_URL, normal_url(url)):
        return (
            f"{shown(name)!r} is not openai:MODEL@URL; write a name such as {EXAMPLE}, its URL without user, "
            "password and query"
        )
    return ""


def shown(name: str) -> str:
    """A name without what may be a secret in its URL: a user, a password, a query, a fragment."""
    without_query = re.split(r"[?#]", name, maxsplit=1)[0]
    return re.sub(r"(://)[^/]*@", r"\1", without_query)[:80]


def normal_url(url: str) -> str:
    """The URL with a lower-case scheme and host, without a slash at its end."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}".rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
