"""A reward function for reinforcement fine-tuning: batched rollouts in, one reward for each out.

Read :mod:`reward_fn.types` for the words, :mod:`reward_fn.pipeline` for the path, and
:mod:`reward_fn.score.aggregate` for the arithmetic. Importing the package does nothing, but on Lambda: there
the garbage collector rests until the handler is ready. Nothing that is imported is garbage, and looking for
some is a twentieth of a cold start.
"""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    gc.disable()
