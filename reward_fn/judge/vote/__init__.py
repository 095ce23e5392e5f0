"""Votes: replies read into verdicts, and the verdicts of several voters combined."""
