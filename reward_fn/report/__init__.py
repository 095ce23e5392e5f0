"""Reports: log lines, metrics, traces and signs of an answered batch."""
