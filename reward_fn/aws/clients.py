"""botocore clients: one place for their time-outs, attempts and CPU cost.

Clients come from botocore, not boto3: boto3 adds S3's transfers, and their import, to a cold start.
"""

from typing import Any

import botocore.session
from botocore.config import Config

USER_AGENT = "reward-fn"


def client_config(
    *,
    connect_timeout_s: float,
    read_timeout_s: float,
    attempts: int = 1,
    connections: int = 10,
    every_batch: bool = False,
) -> Config:
    """Return the configuration of a client.

    ``read_timeout_s`` is for one read from the socket. ``attempts`` is the number of tries of a request; with
    1 botocore never retries. ``connections`` is the size of the pool (10 is botocore's default).
    ``every_batch`` is for clients that each batch calls: it saves the validation of our own requests and the
    rebuilding of the user agent, each a tenth of a call's CPU, and keeps idle connections alive.
    """
    saved: dict[str, Any] = {}
    if every_batch:
        saved = {"parameter_validation": False, "user_agent": USER_AGENT, "tcp_keepalive": True}
    return Config(
        connect_timeout=connect_timeout_s,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        max_pool_connections=connections,
        **saved,
    )


def open_client(service: str, config: Config) -> Any:
    """Return a client in a session of its own, so that any thread may call this.

    Region, credentials and endpoint come from the environment. Raises BotoCoreError or ValueError if those
    are not valid.
    """
    session: Any = botocore.session.get_session()
    return session.create_client(service, config=config)
