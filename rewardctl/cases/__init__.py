"""A reward's own tests: rollouts whose rewards a person knows, one case a line, run by `rewardctl check`."""
