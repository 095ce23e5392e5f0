"""The stand-in's judge, for `make run`: it compares words and understands nothing.

It answers by three rules, the same for every definition:

- A criterion with documents to quote from is a yes if the passage that the text quotes stands in one of them.
- A pitfall is a yes if less than half of the text's words occur in the material.
- Any other criterion is a yes if at least half of them do.

So it shows what a reply looks like and what the rewards are made of. It says nothing about the quality of an
answer: never train on it, and let no test depend on its opinion.
"""

NOTICE = "lexical overlap: good for trying things out, not for training"
"""Sent in a header of every reply, and printed at start-up."""
