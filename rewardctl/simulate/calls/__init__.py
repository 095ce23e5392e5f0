"""A trainer's calls of the reward function, without the trainer: what a step of training waits for."""
