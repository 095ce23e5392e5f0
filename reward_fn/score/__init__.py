"""Scores: the arithmetic from check results and verdicts to one reward. Pure."""
