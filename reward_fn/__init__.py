"""A reward function for reinforcement fine-tuning: batched rollouts in, one reward for each out.

Read :mod:`reward_fn.types` for the words, :mod:`reward_fn.pipeline` for the path, and
:mod:`reward_fn.aggregate` for the arithmetic. Importing the package does nothing.
"""
