"""Supervised training: the model first learns to add, then the mixture of behaviours."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from rewardctl.simulate.trainer.sums import RIGHT, Sum, completion, mixed

BATCH = 128
RATE = 2e-3
Text = Callable[[Sum, random.Random], str]


def right_text(task: Sum, rng: random.Random) -> str:
    """The right completion of a sum."""
    return completion(task, RIGHT, rng)


def teach(model: Any, tokenizer: Any, tasks: Sequence[Sum], *, seed: int, clean: int, mixture: int) -> None:
    """Train the model in place: ``clean`` steps on right answers, then ``mixture`` steps on all behaviours."""
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    rng = random.Random(seed)
    schedule: list[Text] = [right_text] * clean + [mixed] * mixture
    rates = [RATE * _share(step, clean) for step in range(clean)]
    rates += [RATE / 2 * _share(step, mixture) for step in range(mixture)]
    model.train()
    for text, rate in zip(schedule, rates, strict=True):
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
