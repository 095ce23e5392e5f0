"""Questions: the prompt, the modes and the schema of the verdicts."""
