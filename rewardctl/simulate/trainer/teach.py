"""Supervised training: the model first learns to add, then the mixture of behaviours."""

import random
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from rewardctl.simulate.trainer.sums import RIGHT, Sum, completion, mixed

BATCH = 128
RATE = 2e-3
Text = Callable[[Sum, random.Random], str]


def right_text(task: Sum, rng: random.Random) -> str:
    """The right completion of a sum."""
    return completion(task, RIGHT, rng)


class Schedule(NamedTuple):
    """Steps on right answers, then steps on the mixture of all behaviours."""

    clean: int = 800
    mixture: int = 300


def teach(model: Any, tokenizer: Any, tasks: Sequence[Sum], schedule: Schedule, *, seed: int) -> None:
    """Train the model in place."""
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    rng = random.Random(seed)
    texts: list[Text] = [*repeat(right_text, schedule.clean), *repeat(mixed, schedule.mixture)]
    rates = [RATE * _share(step, schedule.clean) for step in range(schedule.clean)]
    rates += [RATE / 2 * _share(step, schedule.mixture) for step in range(schedule.mixture)]
    model.train()
    for text, rate in zip(texts, rates, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch = [(task.prompt, text(task, rng)) for task in rng.choices(tasks, k=BATCH)]
        loss = model(**_tensors(tokenizer, batch)).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def _share(step: int, steps: int) -> float:
    """The learning rate's share: it rises over the first 50 steps and falls to a tenth over the last half."""
    return min(1.0, (step + 1) / 50) * min(1.0, max(0.1, 2 * (1 - step / steps)))


def _tensors(tokenizer: Any, batch: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Inputs and labels; only completions and their end count in the loss."""
    import torch

    pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
    pairs = [(tokenizer.encode(prompt), [*tokenizer.encode(text), end]) for prompt, text in batch]
    longest = max(len(prompt) + len(text) for prompt, text in pairs)
    inputs, labels, mask = [], [], []
    for prompt, text in pairs:
        padding = longest - len(prompt) - len(text)
        inputs.append(prompt + text + [pad] * padding)
        labels.append([-100] * len(prompt) + text + [-100] * padding)
        mask.append([1] * (len(prompt) + len(text)) + [0] * padding)
    return {
        "input_ids": torch.tensor(inputs),
        "labels": torch.tensor(labels),
        "attention_mask": torch.tensor(mask),
    }
