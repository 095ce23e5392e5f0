"""The program inside the container: it loads the handler, runs batches, and prints one line of JSON.

    python limited_batch.py batches.json

``batches.json`` is a list of events. Standard library and the artifact alone.
"""

import json
import os
import resource
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any


def main() -> None:
    """Load the handler, invoke it once for each batch, and print the measurements."""
    batches = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with Path(os.devnull).open("w", encoding="utf-8") as log, redirect_stdout(log):
        measurements = measured(batches)
    print(json.dumps(measurements))


def measured(batches: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Seconds of the import and of each batch, how many rollouts were judged, and the peak memory in MB."""
    begun = time.perf_counter()
    from reward_fn.handler import lambda_handler

    took_s = {"import_s": time.perf_counter() - begun}
    seconds, judged = [], 0
    for batch in batches:
        begun = time.perf_counter()
        results = lambda_handler(batch, {})
        seconds.append(time.perf_counter() - begun)
        metrics = [{m["name"]: m["value"] for m in result["metrics_list"]} for result in results]
        judged += sum(values.get("judge_coverage") == 1 for values in metrics)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**took_s, "batch_s": seconds, "judged": judged, "peak_mb": peak_kb / 1024}


if __name__ == "__main__":
    main()
