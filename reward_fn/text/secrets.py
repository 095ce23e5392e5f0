"""Find keys, tokens and passwords: literals in a provider's format, or values assigned to a telling name.

Precision comes first, since one finding can cost the whole reward. Never reported: a function call, a
variable, an environment look-up, a path, a placeholder, the credentials of a local URL. A value that is
recognised only by the name before it must also look random or be a quoted literal.
"""

import math
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator

from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy
from reward_fn.text.secret_shapes import LONG_SHAPES, MUST_LOOK_RANDOM, PRIVATE_KEY

MIN_BITS = 3.0
"""Least entropy, in bits per character, of a secret without a format; ten-letter words have less than 3."""
MAX_PIECE = 2.6
"""Longest mean run of one character kind (capitals, small letters, digits), in characters. In random letters
and digits the mean is 1.3 to 2.4; words have longer runs."""

_CREDENTIALS = lazy(r"://([^\s/:@\"'<>]{0,64}):([^\s/:@\"'<>]{6,64})@(\[[0-9a-f:]{2,39}\]|[\w.-]{1,253})")
_LOCAL = lazy(
    r"(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|[\w-]+"
    r"|(?:[\w-]+\.)*(?:local|localhost|localdomain|test|invalid|example|docker\.internal|example\.(?:com|org|net)))\Z",
    re.IGNORECASE,
)
"""Hosts that are not public: this machine, private networks, containers, reserved names."""

_COMMAND = lazy(r" -(?:u|-user)[ =]?[\"']?[\w.@-]{1,64}:([^\s\"'$]{8,128})")
_LOG_IN = lazy(r"login\s{1,4}\S{1,64}\s{1,4}password\s{1,4}(\S{8,128})")
"""An entry of a ``.netrc`` file."""
_BASIC = lazy(r"Basic\s{1,4}([A-Za-z0-9+/]{12,300}={0,2})(?![\w+/])")
_BEARER = lazy(r"earer\s{1,4}([A-Za-z0-9+/=_.~-]{20,500})(?![\w(\[{<$%\\])")
_NAMES = ("passw", "secret", "token", "key", "senha", "mot de passe")
_FOREIGN_NAMES = (
    *("kennwort", "contrase\u00f1a", "\u043f\u0430\u0440\u043e\u043b\u044c", "\u5bc6\u7801"),
    *("\u30d1\u30b9\u30ef\u30fc\u30c9", "\ube44\ubc00\ubc88\ud638"),
)
""""Password" in German, Spanish, Russian, Chinese, Japanese and Korean, for texts that are not ASCII."""
_KEY_OF = lazy(r"(?:api|access|auth|encryption)[_ -]?\Z")
_NO_SECRET_OF = lazy(
    r"(?:next\w{0,8}|page|continu\w{0,5}|sync|csrf|xsrf|idempotency|cancel\w{0,6}|public\w{0,3})[_ -]?\Z"
    r"|[:/]\Z|::\w{0,12}\Z"
)
"""Tokens that grant no access (paging, forms, cancelling), parts of a path, names of types."""
_VALUE = lazy(
    r"(?:ord|ort|or|d|[_ ]?key|_?access_?key)?"
    r"(?-i:_(?!ID|NAME|HASH|SALT|TYPE|URL|FILE|PATH|ARN)[A-Z0-9]{1,12})?"
    r"\\?[\"'*`]{0,3}(?:\s{1,3}value)?\s{0,3}"
    r"(?::=|=>|[:=\uff1a]|(?:is|ist|lautet|est|es)\b|[\u306f\u662f])[*]{0,2}\s{0,3}"
    r"(?:\\?[\"'`\u300c]((?:[^\s\"'`<>{}()$\\\u300d]|\$(?![\w{($])){8,128})\\?[\"'`\u300d]"
    r"|([A-Za-z0-9+/=_.~!@#%^&*-]{10,128})(?![\w(\[{<$%\\]))",
    re.IGNORECASE,
)
MAX_NAMES = 5_000
"""At most this many occurrences of each name are examined."""
MIN_CHARS = 20
"""The shortest known format has this many characters, so shorter words are skipped."""
_SOLID = bytes(32 if code < 128 and chr(code).isspace() else 120 for code in range(256))
_LONG = b"x" * MIN_CHARS
_PLACEHOLDER = lazy(
    r"example|sample|your|placeholder|change.?me|change.?it|redacted|removed|xxxx|\*{3}|\.\.\.|dummy|fake|foobar"
    r"|insert|replace|todo|\$\{|\{\{|<[^>]*>",
    re.IGNORECASE,
)
_MADE_UP = lazy("12345678|987654|000000|abcd|qwerty|token|secret", re.IGNORECASE)
"""Sequences that no generator emits: neighbouring keys of a keyboard, or the word "token" itself."""
_PLAIN_PASSWORD = lazy(
    r"(?:(?:my|the|some|any|db|user|test|new|old|super|very|root|admin|app|top|long|strong|random|shared)[_-]?)*"
    r"(?:pass(?:wor[dt]|wd|phrase|w)?|secret|token|key|pwd|pw|admin|root|guest|user|test|string|value|here)[_-]?"
    r"(?:key|token|word)?\d{0,4}!?",
    re.IGNORECASE,
)
_REFERENCE = lazy(
    r"(?:https?|s3|arn|file|ssm|vault|op|env|gcp|urn|data|sha\d*)(?::|$)|[/~.]|pk_|[A-Za-z]:\\|-{2}|[\w-]*=[^=]|[\w.-]+/[\w./-]+\.\w+$",
    re.IGNORECASE,
)
"""Places where a secret is kept (a URL, a path, an option, a setting), and Stripe's publishable keys."""
_ATTRIBUTE = lazy(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
MIN_DOTTED = 50
"""At least this many random characters with dots are a token; fewer are an object's attribute."""
_UUID = lazy(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_IDENTIFIER = lazy(r"[A-Za-z]+\d{0,3}(?:[._:/@+-]+(?:[A-Za-z]+\d{0,3}|\d{1,6}))*")
_SIGNED, _CODE_SIGNS = lazy(r"[!#^*&]"), lazy(r"[=/:_]|\.\w")
_RUNS = lazy(r"[A-Z]?[a-z]+|[A-Z]+|\d+")


def find_secrets(text: str) -> Iterator[Finding]:
    """Yield every secret in a text, as findings of the category "secret"."""
    if "PRIVATE KEY" in text:
        yield from (Finding("secret", secret) for secret in PRIVATE_KEY.findall(text))
    if "://" in text:
        yield from _credentials(text)
    long_words = "\n".join(_long_words(text))
    for literal, pattern in LONG_SHAPES:
        if literal in long_words:
            for secret in pattern.findall(long_words):
                if not _PLACEHOLDER.search(secret) and (
                    literal not in MUST_LOOK_RANDOM or _is_random(secret)
                ):
                    yield Finding("secret", secret)
    yield from _sent(text)
    lowered = text.lower()
    if len(lowered) == len(text):  # offsets in both texts agree
        yield from _assigned(text, lowered)


def _sent(text: str) -> Iterator[Finding]:
    """Secrets in HTTP headers, curl commands and .netrc files. Patterns start with a literal, for speed."""
    candidates = _COMMAND.findall(text) if " -" in text else []
    candidates += _LOG_IN.findall(text) if "login" in text else []
    candidates += filter(_is_random, _BEARER.findall(text) if "earer" in text else ())
    candidates += filter(None, map(_password, _BASIC.findall(text) if "Basic" in text else ()))
    yield from (Finding("secret", secret) for secret in candidates if looks_random(secret))


def _password(encoded: str) -> str:
    """The password in the value of a Basic authentication header; "" if it does not decode."""
    try:
        return b64decode(encoded + "==").decode("ascii").partition(":")[2]
    except ValueError:
        return ""


def _credentials(text: str) -> Iterator[Finding]:
    """Passwords in the URLs of publicly reachable hosts."""
    for user, password, host in _CREDENTIALS.findall(text):
        plain = password == user or _PLAIN_PASSWORD.fullmatch(password) or password.isalpha()
        if not (
            plain or _LOCAL.match(host) or _PLACEHOLDER.search(password) or set("${}%()[]") & set(password)
        ):
            yield Finding("secret", password)


def _long_words(text: str) -> list[str]:
    """The words of at least ``MIN_CHARS`` characters. A table rules out most texts without splitting them."""
    if _LONG not in text.encode("utf-8", "surrogatepass").translate(_SOLID):
        return []
    return [word for word in text.split() if len(word) >= MIN_CHARS]


def _assigned(text: str, lowered: str) -> Iterator[Finding]:
    """Values assigned to a name such as "password", "token" or "api_key"."""
    for name in _NAMES if text.isascii() else (*_NAMES, *_FOREIGN_NAMES):
        place = lowered.find(name)
        for _ in range(MAX_NAMES):
            if place < 0:
                break
            match = _VALUE.match(text, place + len(name))
            before = lowered[max(0, place - 14) : place]
            if match and (name != "key" or _KEY_OF.search(before)) and not _NO_SECRET_OF.search(before):
                literal, bare = match.groups()
                if looks_random(literal) if literal else _is_bare_secret(name, bare.rstrip(".")):
                    yield Finding("secret", literal or bare)
            place = lowered.find(name, place + len(name))


def _is_bare_secret(name: str, value: str) -> bool:
    """Whether an unquoted value is a secret: random, or a password with a special character."""
    signed = name == "passw" and _SIGNED.search(value) and not _CODE_SIGNS.search(value)
    return bool(signed or _is_random(value)) and looks_random(value)


def looks_random(value: str) -> bool:
    """Whether a value may be a key or strong password, and no placeholder, reference or identifier."""
    if not (re.search(r"\d", value) and re.search("[A-Za-z]", value)) or _UUID.fullmatch(value):
        return False
    if _PLACEHOLDER.search(value) or _MADE_UP.search(value) or _PLAIN_PASSWORD.fullmatch(value):
        return False
    if _ATTRIBUTE.fullmatch(value) and not (len(value) >= MIN_DOTTED and _is_random(value)):
        return False
    if _REFERENCE.match(value) or (_IDENTIFIER.fullmatch(value) and not _is_random(value)):
        return False
    counts = Counter(value)
    bits = -math.fsum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return bits >= MIN_BITS


def _is_random(value: str) -> bool:
    """Whether letters and digits alternate as in random text, unlike words followed by a number."""
    runs = _RUNS.findall(value)
    return len(runs) > 2 and sum(map(len, runs)) <= MAX_PIECE * len(runs)
