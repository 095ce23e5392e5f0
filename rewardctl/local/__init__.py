"""Run the built function here as Lambda runs it: no AWS account, no Docker, nothing left behind."""
