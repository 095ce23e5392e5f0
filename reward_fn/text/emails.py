"""E-mail addresses of people; addresses of machines, placeholders and file names are left out."""

import re
from collections.abc import Iterator

from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy

_AT = lazy(r"(?<=[\w+-])@([A-Za-z0-9][A-Za-z0-9.-]{0,252}\.(?:[a-z]{2,24}|[A-Z]{2,24}))(?![\w-])")
_LOCAL_CHARS = 64
_LOCAL = lazy(r"[\w.%+-]+\Z")
_NO_ADDRESS = lazy(
    # made up for examples, or not reachable
    r"(?:^|\.)(?:(?:example|domain|your\w*|yourdomain|company|mycompany|corp|host|server|acme-?example)"
    r"(?:\.(?:com|org|net))?|test|invalid|localhost|local|internal|lan)$"
    # versions, sizes of pictures, file names, attributes in code
    r"|^v?\d+(?:x|\.\d+)*\.|\.(?:png|jpe?g|gif|svg|webp|avif|ico|pdf|html?|css|scss|js|jsx|mjs|ts|tsx|vue|json|ya?ml"
    r"|toml|xml|txt|csv|md|rst|py|pyi|rb|go|java|kt|cpp|hpp|cs|php|sh|sql|zip|tar|gz|tgz|po|pot|patch|diff|whl|jar|exe|dll|so|log|conf"
    r"|cfg|ini|lock|service|timer|socket|mount|target|to|shape|dtype|[A-Z]|transpose|conj|dot|reshape|sum|mean)$",
    re.IGNORECASE,
)
_NO_PERSON = lazy(
    r"(?:git|hg|svn|no-?reply|do-?not-?reply|mailer-daemon|user|username|your\W?\w*|you|me|x|foo|test|name|someone"
    r"|first\W?name\W?(?:last\W?name)?|this|super|return|break|continue)$",
    re.IGNORECASE,
)
"""Accounts of machines, placeholders, and keywords of programs before a decorator or a label."""
_REMOTE = lazy(r"\b(?:ssh|scp|rsync|sftp|mosh|ssh-copy-id)\b[^\n]{0,60}\Z")


def find_emails(text: str) -> Iterator[Finding]:
    """Every e-mail address of a person in a text."""
    for match in _AT.finditer(text):
        local = _LOCAL.search(text[max(0, match.start() - _LOCAL_CHARS) : match.start()])
        if (
            not local
            or not local[0][0].isalnum()
            or _NO_ADDRESS.search(match[1])
            or _NO_PERSON.match(local[0])
        ):
            continue
        if not _is_of_a_machine(text, match.start() - len(local[0]), match.end()):
            yield Finding("email", local[0] + match[0])


def _is_of_a_machine(text: str, start: int, end: int) -> bool:
    """Whether an address names an account on a host: in a URL, a git remote, or a command such as ssh."""
    before, after = text[max(0, start - 80) : start], text[end : end + 2]
    if before.endswith(("/", "@")) or (before.endswith(":") and "://" in before.rpartition(" ")[2]):
        return True
    return (after[:1] == ":" and not after[1:].isspace() and len(after) == 2) or bool(_REMOTE.search(before))
