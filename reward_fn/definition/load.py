"""Load a reward definition: a shipped one, one at a path, or the bytes of a stored one.

:mod:`reward_fn.definition.compile` checks and compiles the file.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from reward_fn.definition.compile import compile_definition
from reward_fn.errors import DefinitionNotFoundError
from reward_fn.types.definition import Definition

SHIPPED = Path(__file__).parent.parent / "rewards"


def load_definition(name: str, *, judge_model: str = "") -> Definition:
    """The shipped definition of that name, or the file at that path if ``name`` has a "/" or ends in ".toml".

    ``judge_model`` replaces the model that the definition names. Raises DefinitionNotFoundError if there is
    no such file, DefinitionError if there are mistakes in it.
    """
    path = Path(name) if "/" in name or name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        shipped = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        remedy = f"name a shipped one ({shipped}) or the path of a .toml file"
        mistake = f"cannot be read ({error.strerror}); {remedy}"
        raise DefinitionNotFoundError(name, [mistake]) from error
    return compile_definition(raw, name, folder=path.parent, judge_model=judge_model)


def load_pinned(
    raw: bytes, uri: str, *, judge_model: str = "", judges_allowed: Collection[str] | None = None
) -> Definition:
    """The definition with the bytes ``raw``, stored at ``uri``. It can't refer to other files.

    It may name ``judge_model`` and the tiers and models of ``judges_allowed`` only; None allows all. Raises
    DefinitionError.
    """
    allowed = None if judges_allowed is None else {*judges_allowed, *([judge_model] if judge_model else [])}
    compiled = compile_definition(raw, uri, folder=None, judge_model=judge_model, judges_allowed=allowed)
    return replace(compiled, source=uri)
