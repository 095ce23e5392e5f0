"""`rewardctl plan`."""
