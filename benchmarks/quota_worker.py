"""``python -m benchmarks.quota_worker '<plan>'``: environments that score batches, in a process."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

DEADLINE_S = 55.0


def main() -> None:
    """Print what each batch of each environment came to, as JSON: begin, end, flagged, lost."""
    plan = json.loads(sys.argv[1])
    os.environ["BOTO_DISABLE_CRT"] = "true"
    from benchmarks.environment import lambda_environment
    from benchmarks.material import judged_batch
    from reward_fn.handler import load_service
    from reward_fn.settings import read_settings

    environments, rollouts = plan["environments"], plan["rollouts"]
    with lambda_environment(plan["url"], DEADLINE_S=str(DEADLINE_S)):
        service = load_service(read_settings())
        rows = judged_batch(rollouts * plan["batches"], 10_000 * plan["number"])
        batches = [rows[at : at + rollouts] for at in range(0, len(rows), rollouts)]
        with ThreadPoolExecutor(environments) as pool:
            done = list(pool.map(lambda _: _environment(service, batches, plan), range(environments)))
    print(json.dumps(done))


def _environment(service: Any, batches: list[Any], plan: dict[str, Any]) -> list[dict[str, float]]:
    """One environment with a traffic of its own, or none; it has one batch in hand at a time."""
    from reward_fn.deadline import Deadline
    from reward_fn.judge.traffic import Traffic
    from reward_fn.pipeline import score_batch

    traffic = Traffic() if plan["paced"] else None
    done = []
    for batch in batches:
        begun_s = time.time()
        scored = score_batch(
            batch,
            definition=service.definition,
            judge=service.judge,
            settings=service.settings,
            deadline=Deadline.after(DEADLINE_S),
            traffic=traffic,
        )
        flagged = sum(result.imputed for result in scored.results)
        lost = sum(row["id"] != r.id for row, r in zip(batch, scored.results, strict=False))
        lost += abs(len(batch) - len(scored.results))
        done.append({"begun_s": begun_s, "ended_s": time.time(), "flagged": flagged, "lost": lost})
        time.sleep(plan["pause_s"])
    return done


if __name__ == "__main__":
    main()
