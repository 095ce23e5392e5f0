"""GRPO over stored rollouts: a policy chooses among the answers that each prompt already has. Needs numpy."""
