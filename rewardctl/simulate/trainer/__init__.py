"""A language model of 338,432 parameters learns to add, with TRL's GRPOTrainer and this project's rewards.

The modules that import torch, transformers or trl run in the environment .build/trl; see
``requirements/trl.in``. All others run in both environments.
"""
