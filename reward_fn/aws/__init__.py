"""Stores on AWS: definitions, traces and verdicts, with the clients that reach them."""
