"""Providers of judge models, one module or package each.

The contract is :class:`reward_fn.judge.models.provider.Provider`; a new provider needs a module here and no
other change. Importing a provider loads no client library: ``open_judge`` does.
"""
