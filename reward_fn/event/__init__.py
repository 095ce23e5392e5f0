"""Events: what callers send, in every form, read into rollouts."""
