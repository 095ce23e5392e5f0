"""Two runs of the same rollouts: what moved, by how much, and why."""
