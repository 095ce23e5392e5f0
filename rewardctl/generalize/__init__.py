"""Whether a reward survives other wordings of the judge's prompt, another order of criteria, other judges."""
