"""The function as it is shipped, but patient: for a process of its own on a loaded machine."""

from tests.stores.patience import be_patient

be_patient()  # before the handler's import, which is the initialisation phase

from reward_fn.handler import lambda_handler  # noqa: E402

__all__ = ["lambda_handler"]
