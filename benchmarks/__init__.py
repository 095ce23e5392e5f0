"""Measurements of speed, cost and correctness against named baselines."""
