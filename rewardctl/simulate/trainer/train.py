"""GRPO with TRL's trainer, and what the model answers before and after."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rewardctl.simulate.trainer.model import sample
from rewardctl.simulate.trainer.rewards import Score, scoring
from rewardctl.simulate.trainer.sums import RIGHT, Sum, behaviour_of

NEW_TOKENS = 14
"""The longest taught completion has 13 characters, and its end."""
GROUP, PROMPTS = 8, 8
RATE = 1e-4
"""From 14 % right answers, 3e-4 collapsed."""


@dataclass(slots=True)
class History:
    """What each step of the training saw: mean rewards, and the share of each behaviour."""

    rewards: list[float] = field(default_factory=list)
    behaviours: list[dict[str, float]] = field(default_factory=list)

    def add(self, rewards: Sequence[float | None], shown: Sequence[str]) -> None:
        """Add a step."""
        valid = [reward for reward in rewards if reward is not None]
        self.rewards.append(sum(valid) / len(valid) if valid else float("nan"))
        self.behaviours.append({name: count / len(shown) for name, count in Counter(shown).items()})


def evaluate(model: Any, tokenizer: Any, tasks: Sequence[Sum], score: Score, seed: int) -> dict[str, Any]:
    """The mean reward, the share of right answers and of each behaviour, in one sample a sum."""
    import torch

    torch.manual_seed(seed)
    texts = sample(model, tokenizer, [task.prompt for task in tasks], NEW_TOKENS)
    shown = Counter(behaviour_of(task, text) for task, text in zip(tasks, texts, strict=True))
    rewards = [reward for reward in score(tasks, texts) if reward is not None]
    return {
        "reward": sum(rewards) / max(1, len(rewards)),
        "right": shown[RIGHT] / len(tasks),
        "unscored": 1 - len(rewards) / len(tasks),
        "behaviours": {name: count / len(tasks) for name, count in shown.items()},
    }


def train(
    model: Any, tokenizer: Any, tasks: Sequence[Sum], variant: str, *, seed: int, steps: int
) -> History:
    """Train the model in place by GRPO on the rewards of a variant of :mod:`.rewards`."""
    from datasets import Dataset
    from trl import GRPOTrainer

    score, history = scoring(variant), History()

    def reward(completions: list[str], left: list[int], right: list[int], **_: Any) -> list[float | None]:
        of_batch = [Sum(*pair) for pair in zip(left, right, strict=True)]
        rewards = score(of_batch, completions)
        history.add(rewards, [behaviour_of(*pair) for pair in zip(of_batch, completions, strict=True)])
        return rewards

    data = Dataset.from_list([{"prompt": t.prompt, "left": t.left, "right": t.right} for t in tasks])
    with tempfile.TemporaryDirectory() as folder:
        trainer = GRPOTrainer(
            model, reward, args=_config(folder, seed, steps), train_dataset=data, processing_class=tokenizer
        )
        trainer.train()
    return history


def _config(folder: str, seed: int, steps: int) -> Any:
    from trl import GRPOConfig

    return GRPOConfig(
        output_dir=folder,
        max_steps=steps,
        seed=seed,
        learning_rate=RATE,
        lr_scheduler_type="constant",
        per_device_train_batch_size=PROMPTS * GROUP,
        num_generations=GROUP,
        max_completion_length=NEW_TOKENS,
        temperature=1.0,
        beta=0.0,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        dataloader_pin_memory=False,
        save_strategy="no",
        report_to="none",
        logging_strategy="no",
        disable_tqdm=True,
    )
