"""Turn a service's error message into text that may be logged.

A message may quote what was sent. So every word that also occurs in the question is cut out, unless service
messages are made of it (``SERVICE_WORDS``) or it is part of an ARN, of an action's name or of the judge's id.
Quoted and bracketed passages are cut out whole, since the model's own words may stand there.
"""

import re
from collections.abc import Sequence

LONGEST_CHARS = 240
"""Of the logged text. The longest known message with an ARN has about 230 characters."""
READ_CHARS = 2000
"""Of the message: no service message is longer, but a quoted request may be."""
CUT = "…"

SERVICE_WORDS = frozenset(
    """
    a about above access account action actions active actively add adjust after again allow allowed
    allows already amazon an and anthropic any api are arn as at authentication authorized available aws based
    be because bedrock been before below between blank blocked but by cachepoint caching call calling can
    cannot case character characters choose complete completed connections contains content contentblock
    context control converse could day days decrease demand denied deny deprecated details did
    documentation does doesn't doesn’t don't don’t due during earlier enable encountered end error errors
    exceed exceeded exceeds expected expired explicit extraneous failed field fields fill filled filter
    filtering filters fixed following for form found foundation frequency from guide has have high however
    iam id identifier identity if in included inference information input input_tokens inputs inputschema
    internal into invalid invocation invoke invoked is isn't isn’t it its json key last least legacy
    length life limit limits long lower make malformed many marked marketplace max max_tokens maximum
    message messages min minimum minutes model model's models model’s more must new no not now number
    object of on only operation or organization our out output outputconfig parameter parameters part per
    perform permission permissions permitted place please policy process processing produced profile
    prompt provided provider quota rate reached ready reason received recently reduce refer reformat
    region remove request requested requests required resource response retry returned role schema
    security see sent sequence serve service session signature size specified submit submitted subscribe
    subscription support supported sure system temperature text than that the there this throttled
    throughput time timed to token tokens too tool toolchoice toolconfig tools toolspec tooluse total
    troubleshooting try trying type unable unavailable unexpected unsupported up update upgrade use used
    user using valid validation value version wait was we while with within you your
    """.split()
)
"""The vocabulary of known service messages; none of these words reveals anything about a rollout."""

# Plain texts, which `re` compiles at the first failure: a cold start needs none of them.
_ESCAPE = r"\\(?:u([0-9a-fA-F]{4})|[nrtbf\"\\/])"
_QUOTED_NAME = r"(?<!\w)([\"'`])([\w.:/#-]{1,128})\1(?!\w)|\[()([A-Za-z_][\w.]{0,127})\]"
_PASSAGES = (
    r"\".*\"|\".*|“.*”|“.*|`.*`|`.*",
    r"(?<!\w)'.*'(?!\w)|(?<!\w)'.*",
    r"\{.*\}|\{.*|<.*>|<.*|\[(?![\d., ]*\])(?:.*\]|.*)",
)
"""From the first mark to the last one of its kind: what is quoted may hold such marks too."""
_LONG_RUN = r"[\w+/=]{40,}"
_ACCOUNT = r"(?<!\d)\d{12}(?!\d)"
_NAME = r"arn:[\w:/.*@+=-]+|(?:bedrock|aws-marketplace|sts|sso|kms):[A-Z]\w+"
_PIECE = rf"{_NAME}|{_LONG_RUN}|\w+(?:['’]\w+)?"


def loggable(message: str, texts: Sequence[str], names: Sequence[str] = ()) -> str:
    """The message in one line of at most ``LONGEST_CHARS``, without anything that ``texts`` hold.

    ``names`` (the judge's ids) may stay. Account ids become ``<account>``. Semicolons become commas, since
    the first one separates cause and remedy.
    """
    line = " ".join(re.sub(_ESCAPE, _unescaped, message[:READ_CHARS]).replace(";", ",").split())
    line = re.sub(_QUOTED_NAME, r"\2\4", "".join(c for c in line if c.isprintable()))
    for passage in _PASSAGES:
        line = re.sub(passage, CUT, line)
    line = _without_quotes_of(texts, line, names)
    line = re.sub(rf"{CUT}(?:[\s,.:]*{CUT})+", CUT, line)
    line = re.sub(_ACCOUNT, "<account>", line).strip()
    return line if len(line) <= LONGEST_CHARS else line[: LONGEST_CHARS - 1].rstrip() + CUT


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else " "


def _without_quotes_of(texts: Sequence[str], line: str, names: Sequence[str]) -> str:
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    haystack: str | None = None

    def checked(piece: re.Match[str]) -> str:
        nonlocal haystack
        word = piece[0]
        if word in names or re.fullmatch(_NAME, word):
            return word
        if re.fullmatch(_LONG_RUN, word):
            return CUT
        if word.casefold() in SERVICE_WORDS:
            return word
        if haystack is None:
            haystack = "\n".join(texts).casefold()
        return CUT if word.casefold() in haystack else word

    return re.sub(f"{known}|{_PIECE}" if known else _PIECE, checked, line)
