"""The direction of the imports, and what holds for every file, read from syntax trees and git's list."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.factory import ROOT

MAX_LINES = 200
MAX_ROOMS = 20
STILL_TOO_LONG = {
    "reward_fn.definition.load",
    "reward_fn.text.language",
    "reward_fn.text.pii",
}
"""TEMPORARY: modules that are being divided. Delete each name as its module gets short, then this set."""
PACKAGE = ROOT / "reward_fn"
TOOLS = ROOT / "rewardctl"


def module_name(path: Path) -> str:
    """reward_fn/judge/vote/reply.py is reward_fn.judge.vote.reply; a package's __init__ has the package's
    name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SHIPPED = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
ALL = {**SHIPPED, **{module_name(path): path for path in sorted(TOOLS.rglob("*.py"))}}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(ALL[module].read_text(encoding="utf-8"))


@cache
def imports(module: str) -> set[str]:
    """Every module that a module names in an import, wherever in its code, TYPE_CHECKING included."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            assert node.module
            found |= {
                full if (full := f"{node.module}.{alias.name}") in ALL else node.module
                for alias in node.names
            }
    return found


def own(module: str) -> set[str]:
    """The modules of the shipped package that it imports."""
    return {name for name in imports(module) if name.partition(".")[0] == "reward_fn"}


def is_in(name: str, *packages: str) -> bool:
    """Whether a module is one of ``packages`` or lies inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_the_modules_are_found() -> None:
    assert {
        "reward_fn",
        "reward_fn.types.rollout",
        "reward_fn.judge.call.fanout",
        "reward_fn.text.quotes",
    } <= SHIPPED.keys()
    assert "reward_fn.judge.judges" in imports("reward_fn.service"), "also inside a function"


# The arrows

ORDER = (
    "text",
    "types",
    "errors",
    "reserved_names",
    "score",
    "paths",
    "deadline",
    "schema",
    "checks",
    "checks.own",
    "judge.base",
    "judge.models",
    "judge",
    "judge.ask",
    "judge.vote",
    "judge.cache",
    "judge.limit",
    "judge.call",
    "definition",
    "event",
    "settings",
    "report",
    "response",
    "aws",
    "judge.providers",
    "pipeline",
    "service",
    "handler",
)
"""Each room of the package imports only itself and rooms before it: the wire, the stores and the providers
come after everything that decides a reward."""


def room(module: str) -> str:
    """The longest entry of ORDER that holds a module: reward_fn.judge.ask.prompt is in judge.ask."""
    name = module.removeprefix("reward_fn.")
    return max((each for each in ORDER if is_in(name, each)), key=len)


@pytest.mark.parametrize("module", [name for name in SHIPPED if name != "reward_fn"])
def test_a_module_imports_only_what_stands_before_it_in_the_order(module: str) -> None:
    own_room = ORDER.index(room(module))
    later = {name for name in own(module) - {"reward_fn"} if ORDER.index(room(name)) > own_room}
    assert later == set()


def test_every_entry_of_the_order_is_there() -> None:
    assert {room(module) for module in SHIPPED if module != "reward_fn"} == set(ORDER)


def test_a_check_stands_by_itself() -> None:
    for module in SHIPPED:
        if is_in(module, "reward_fn.checks") and not is_in(module, "reward_fn.checks.own"):
            others = {name for name in own(module) if is_in(name, "reward_fn.checks") and name != module}
            assert all(name.rpartition(".")[2].startswith("_") for name in others), module


def test_the_pipeline_knows_no_cloud() -> None:
    """AWS comes in through the seam, so that the whole path runs without it."""
    reached, waiting = set[str](), ["reward_fn.pipeline"]
    while waiting:
        if (module := waiting.pop()) not in reached:
            reached.add(module)
            waiting += [name for name in own(module) if name in SHIPPED]
    assert {room(name) for name in reached if name != "reward_fn"} & {"aws", "judge.providers"} == set()
    assert "reward_fn.report.telemetry" not in reached


@pytest.mark.parametrize("module", SHIPPED)
def test_boto3_is_used_in_aws_and_in_bedrocks_provider_alone(module: str) -> None:
    clouds = {name for name in imports(module) if name.split(".")[0].startswith(("boto", "mypy_boto"))}
    assert not clouds or is_in(module, "reward_fn.aws", "reward_fn.judge.providers.bedrock")


@pytest.mark.parametrize("module", SHIPPED)
def test_powertools_is_used_in_reports_alone(module: str) -> None:
    uses = {name for name in imports(module) if is_in(name, "aws_lambda_powertools")}
    assert not uses or is_in(module, "reward_fn.report")


@pytest.mark.parametrize("module", SHIPPED)
def test_the_shipped_package_never_imports_the_tools_or_tests(module: str) -> None:
    assert not {name for name in imports(module) if is_in(name, "rewardctl", "tests", "benchmarks")}


REGISTERED = {
    "pointwise": ("reward_fn.judge.ask.modes", "reward_fn.types.rubric"),
    "pairwise": ("reward_fn.judge.ask.modes",),
    "siblings": ("reward_fn.score.policies", "rewardctl.judges.registry"),
}
"""Names of modes and failure policies, and the modules that may write them: the registry and the default. An
offline judge of the command line has the name of a policy."""


@pytest.mark.parametrize("name", REGISTERED)
def test_modes_and_policies_are_named_in_their_registry_alone(name: str) -> None:
    naming = {
        module
        for module in ALL
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and node.value == name
    }
    assert naming
    assert {module for module in naming if not is_in(module, *REGISTERED[name])} == set()


def test_no_two_modules_import_each_other() -> None:
    above: dict[str, set[str]] = {module: own(module) - {module} for module in SHIPPED}
    while free := [module for module, needs in above.items() if not needs & above.keys()]:
        for module in free:
            del above[module]
    assert above == {}, "these import each other in a circle"


# Every module


def documented(module: str) -> Iterator[tuple[str, bool]]:
    """Every public module, class, function and method with whether it has a docstring."""

    def walk(node: ast.Module | ast.ClassDef, path: str) -> Iterator[tuple[str, bool]]:
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if not child.name.startswith("_"):
                    yield f"{path}.{child.name}", ast.get_docstring(child) is not None
                if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
                    yield from walk(child, f"{path}.{child.name}")

    parsed = tree(module)
    yield module, ast.get_docstring(parsed) is not None
    yield from walk(parsed, module)


@pytest.mark.parametrize("module", SHIPPED)
def test_every_public_name_says_what_it_is(module: str) -> None:
    # A method that implements a protocol or overrides one is described where it is declared.
    assert [name for name, has_text in documented(module) if not has_text] == []


@pytest.mark.parametrize("module", sorted(ALL.keys() - STILL_TOO_LONG))
def test_no_module_is_long(module: str) -> None:
    assert len(ALL[module].read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_the_top_of_the_package_has_few_rooms() -> None:
    """Modules and folders; caches of the interpreter are not part of the project."""
    rooms = {path.name for path in PACKAGE.iterdir()} - {"__init__.py", "__pycache__"}
    assert len(rooms) <= MAX_ROOMS, sorted(rooms)


@pytest.mark.parametrize("module", ALL)
def test_nothing_is_left_open(module: str) -> None:
    text = ALL[module].read_text(encoding="utf-8")
    assert not re.search(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b|NotImplementedErro[r]", text)


@pytest.mark.parametrize("module", SHIPPED)
def test_importing_a_module_runs_nothing(module: str) -> None:
    """At the top of a module stand definitions and tables; two modules ask if they run on Lambda."""
    for node in tree(module).body:
        is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert is_doc or not isinstance(node, ast.Expr | ast.For | ast.While | ast.With | ast.Try), (
            ast.unparse(node)
        )
        if isinstance(node, ast.If):
            assert ast.unparse(node.test) in ("TYPE_CHECKING", "'AWS_LAMBDA_RUNTIME_API' in os.environ")


# Every file of the project

# A class of one letter in each, so that this file does not hold what it looks for.
_SOURCES = (r"pyp[i]\.org", r"python[h]osted", r"anacond[a]\.org", r"npm[j]s\.(?:com|org)", r"crate[s]\.io")
_PLACES = (r"(?<![\w.~-])/(?:wor[k]|roo[t]|opt/pyp[i]|opt/wheel[s])/", r"/va[r]/tmp/")
FORBIDDEN = re.compile("|".join((*_SOURCES, *_PLACES)))


def project_files() -> list[Path]:
    """What is tracked, and what would be; the test skips where there is no git to ask."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        pytest.skip("not a git work tree, so what belongs to the project can't be told")
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_registrys_host_or_a_place_on_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in project_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (match := FORBIDDEN.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "https://fi|les.py|thon|hos|ted.o|rg/packages",
        "index-url = https://py|pi.org/simple",
        "see /wo|rk/shared/DESIGN.md",
        "/ro|ot/.cache",
        "/va|r/tmp/w",
    ],
)
def test_such_names_are_recognised(line: str) -> None:
    assert FORBIDDEN.search(line.replace("|", ""))
    assert not FORBIDDEN.search(line), "written with a bar in it, so that this file does not hold it"


@pytest.mark.parametrize(
    "line", ["tests/network/roots", "../shared/data", "the work/rest balance", "homework/"]
)
def test_ordinary_words_are_not(line: str) -> None:
    assert not FORBIDDEN.search(line)


def test_no_binary_and_no_package_is_part_of_the_project() -> None:
    suffixes = {path.suffix for path in project_files()}
    assert not suffixes & {".whl", ".zip", ".gz", ".so", ".pyc", ".exe", ".jsonl"}
