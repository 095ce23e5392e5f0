"""Limits: what an environment knows about its models, waits, circuits and the cost cap."""
