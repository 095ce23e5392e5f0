"""Stored rollouts and verdicts scored anew: the judge is called only for questions that are new."""
