"""The judge: what is asked, how a reply is read, how failures are retried, and the fan-out over a batch."""
