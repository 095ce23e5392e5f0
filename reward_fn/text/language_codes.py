"""The languages that the check of languages can tell apart, and their tags."""

UNKNOWN = "und"
CODES = frozenset(
    """
    af am ar az be bg bn bs ca ceb cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu he hi hr ht hu
    hy id is it ja jv ka kk km kn ko ku ky la lb lo lt lv mg mk ml mn mr ms mt my ne nl no pa pl ps pt ro
    ru sa sd si sk sl so sq sr su sv sw ta te tg th tk tl tr tt ug uk ur uz vi yi yo zh
    """.split()
)
"""The languages that can be detected, as ISO 639 codes."""
SAME_AS = dict(
    pair.split(":")
    for pair in """
    iw:he nb:no nn:no fil:tl in:id ji:yi mo:ro sh:sr cmn:zh wuu:zh yue:zh arz:ar azb:az pnb:pa ckb:ku
    """.split()
)
"""Other tags, some of them out of use, with the one of ``CODES`` that stands for the same language."""
_CLOSE = tuple(
    frozenset(group.split())
    for group in ("no da", "hr bs sr", "id ms", "pt gl", "cs sk", "bg mk", "hi ne mr")
)
"""Languages that can't be told apart in a short text."""


def code_of(name: str) -> str:
    """The one of ``CODES`` that a tag ("en-GB", "iw", "nb") stands for. Raises ValueError for other tags."""
    primary = name.strip().lower().replace("_", "-").partition("-")[0]
    code = SAME_AS.get(primary, primary)
    if code not in CODES:
        raise ValueError(
            f"{name!r} is not a language that can be detected; use one of {', '.join(sorted(CODES))}"
        )
    return code


def close_to(code: str) -> set[str]:
    """A language, and those that can't be told from it in a short text."""
    return {code}.union(*(close for close in _CLOSE if code in close))
