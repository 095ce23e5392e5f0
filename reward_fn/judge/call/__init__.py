"""Calls: the fan-out over a batch, retries, and the calls in flight."""
