"""Patterns that are compiled at first use: most texts need few of them, and a cold start needs none."""

import re
from typing import Any, cast


class _Lazy:
    """Stands for a compiled pattern; each method is looked up once."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(*self._source), name)  # re caches compiled patterns
        setattr(self, name, method)
        return method


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that behaves like a compiled one; an invalid one raises only at first use."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
