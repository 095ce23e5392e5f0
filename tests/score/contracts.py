"""Contract reviews that differ from each other, so that each is a question of its own to the judge."""

import json
from typing import Any

from tests.factory import ROOT


def contracts(count: int) -> list[dict[str, Any]]:
    """Rows with one good review each, in groups of four."""
    rows = json.loads((ROOT / "events" / "contract_review_batch.json").read_text(encoding="utf-8"))
    good = next(row for row in rows if row["id"] == "saas-good-1")
    return [_variant(good, number) for number in range(count)]


def _variant(good: dict[str, Any], number: int) -> dict[str, Any]:
    *turns, answer = good["messages"]
    question = {**turns[-1], "content": f"{turns[-1]['content']}\n\nMatter {number // 4}."}
    comments = [
        {**comment, "recommended_action": f"{comment['recommended_action']} ({number})"}
        for comment in json.loads(answer["content"])["comments"]
    ]
    response = {**answer, "content": json.dumps({"comments": comments})}
    return {**good, "id": f"r-{number}", "messages": [*turns[:-1], question, response]}
