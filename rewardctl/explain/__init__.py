"""Why one rollout got its reward: from a record to an explanation that a terminal or a page can show."""
