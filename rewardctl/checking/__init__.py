"""What `rewardctl check` says about a definition: its parts, and how it fits data."""
