"""A reward function for reinforcement fine-tuning: batched rollouts in, one reward for each out.

Read :mod:`reward_fn.types` for the words, :mod:`reward_fn.pipeline` for the path, and
:mod:`reward_fn.score.aggregate` for the arithmetic. Importing the package does nothing, except on Lambda:
there the garbage collector is off until the handler is ready. Imports leave no garbage, and searching for it
takes a twentieth of a cold start.
"""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    gc.disable()
