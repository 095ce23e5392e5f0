"""Reinforcement learning in small, before a job on a real model: what a reward teaches a policy.

:mod:`rewardctl.simulate.stored` learns over stored rollouts; :mod:`rewardctl.simulate.trainer` trains a real,
small language model with TRL.
"""
