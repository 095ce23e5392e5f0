"""Values by other graders: rows as JSON on standard input, values by grader on standard output.

Started with the Python of ``.build/values``; it imports nothing of this project. A value is None if the
grader failed on the row.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

Grade = Callable[[str, str, Sequence[str]], float]
"""Returns the value of a response, from its text, one reference, and the labels of its options."""


def math_verify() -> tuple[Grade, Grade]:
    """math-verify as its README uses it, for numbers, and with the labels as strings, for choices."""
    from math_verify import (  # type: ignore[import-not-found, unused-ignore]
        StringExtractionConfig,
        parse,
        verify,
    )

    def number(text: str, reference: str, _labels: Sequence[str]) -> float:
        gold = reference if "$" in reference or "boxed" in reference else f"${reference}$"
        return float(verify(parse(gold), parse(text)))

    def choice(text: str, reference: str, labels: Sequence[str]) -> float:
        known = [StringExtractionConfig(strings=tuple(labels))]
        return float(verify(parse(reference, known), parse(text, known)))

    return number, choice


def gsm8k(method: str) -> Grade:
    """verl's scorer of GSM8K; only its own file is run, as verl itself needs PyTorch."""
    package = find_spec("verl")
    (folder,) = (package and package.submodule_search_locations) or [""]
    spec = spec_from_file_location("gsm8k", Path(folder) / "utils" / "reward_score" / "gsm8k.py")
    if spec is None or spec.loader is None:
        raise ImportError("verl has no gsm8k.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda text, reference, _labels: float(module.compute_score(text, reference, method))


def no_secrets(text: str, _reference: str, _labels: Sequence[str]) -> float:
    """1 if detect-secrets, with all its plugins and filters, finds nothing, else 0."""
    from detect_secrets import SecretsCollection  # type: ignore[import-not-found, unused-ignore]
    from detect_secrets.settings import default_settings  # type: ignore[import-not-found, unused-ignore]

    with tempfile.TemporaryDirectory() as folder, default_settings():
        path = Path(folder) / "answer.txt"
        path.write_text(text, encoding="utf-8")
        secrets = SecretsCollection()
        secrets.scan_file(str(path))
        return 0.0 if len(list(secrets)) else 1.0


def value(grade: Grade, row: dict[str, Any]) -> float | None:
    """The best value of a row against one of its references."""
    try:
        return max(grade(row["text"], reference, row["labels"]) for reference in row["references"])
    except Exception:  # noqa: BLE001  # a grader that fails has no value
        return None


def main() -> None:
    """Run each grader on the rows of its areas."""
    number, choice = math_verify()
    graders = (
        ("math-verify", "numeric", number),
        ("math-verify", "choice", choice),
        ("verl, strict", "numeric", gsm8k("strict")),
        ("verl, flexible", "numeric", gsm8k("flexible")),
        ("detect-secrets", "secrets", no_secrets),
    )
    values: dict[str, dict[str, float | None]] = {}
    for row in json.load(sys.stdin):
        for name, area, grade in graders:
            if row["area"] == area:
                values.setdefault(name, {})[row["id"]] = value(grade, row)
    json.dump(values, sys.stdout)


if __name__ == "__main__":
    main()
