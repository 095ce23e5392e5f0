"""Train with one seed and print a JSON object a variant: ``python -m rewardctl.simulate.trainer``.

Runs in .build/trl; :mod:`rewardctl.simulate.trainer.start` calls it. The supervised part is done once, and
each variant starts from a copy of its outcome.
"""

import argparse
import copy
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from rewardctl.simulate.trainer.model import make_model, make_tokenizer
from rewardctl.simulate.trainer.rewards import VARIANTS, scoring
from rewardctl.simulate.trainer.sums import split
from rewardctl.simulate.trainer.teach import Schedule, teach
from rewardctl.simulate.trainer.train import evaluate, train

HELD_OUT = 400


def main(arguments: Sequence[str]) -> None:
    """Train and print. Progress, and what the trainer itself prints, goes to standard error."""
    options, results = _options(arguments), sys.stdout
    sys.stdout = sys.stderr
    _one_thread()
    tasks, tokenizer, model = split(HELD_OUT), make_tokenizer(), make_model(options.seed)
    begun_s = time.monotonic()
    schedule = Schedule(options.clean_steps, options.mixture_steps)
    teach(model, tokenizer, tasks.train, schedule, seed=options.seed)
    taught_s = time.monotonic() - begun_s
    for variant in options.variant:
        print(f"seed {options.seed}: {variant}", file=sys.stderr, flush=True)
        score, policy, begun_s = scoring(variant), copy.deepcopy(model), time.monotonic()
        start = evaluate(policy, tokenizer, tasks.held_out, score, options.seed)
        history = train(policy, tokenizer, tasks.train, variant, seed=options.seed, steps=options.steps)
        result: dict[str, Any] = {
            "variant": variant,
            "seed": options.seed,
            "start": start,
            "end": evaluate(policy, tokenizer, tasks.held_out, score, options.seed),
            "rewards": history.rewards,
            "behaviours": history.behaviours,
            "taught_s": taught_s,
            "trained_s": time.monotonic() - begun_s,
        }
        print(json.dumps(result), file=results, flush=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rewardctl.simulate.trainer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--clean-steps", type=int, default=800)
    parser.add_argument("--mixture-steps", type=int, default=300)
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), required=True)
    return parser.parse_args(arguments)


def _one_thread() -> None:
    """Let torch use one thread: with two, a model this small trains 2 to 12 times slower."""
    import torch

    torch.set_num_threads(1)


if __name__ == "__main__":
    main(sys.argv[1:])
