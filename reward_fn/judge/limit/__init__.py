"""Limits on judge calls: waits, time-outs, circuit breakers, and the cap on cost."""
