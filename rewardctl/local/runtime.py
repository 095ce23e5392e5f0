"""Run the function under Lambda's runtime interface emulator, which is part of aws-sam-cli."""

import importlib.util
import platform
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rewardctl.local import processes
from rewardctl.local.artifact import host_architecture
from rewardctl.local.environment import HANDLER, REGION
from rewardctl.local.errors import HostError
from rewardctl.local.host import CLIENT_SLACK_S
from rewardctl.local.outcome import exit_error
from rewardctl.local.processes import LOOPBACK

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

START_WITHIN_S = 10.0
START_ATTEMPTS = 3  # another program may take a free port before the emulator does
EMULATED_NAME = "function"  # the only name that the emulator accepts


def emulator_path() -> Path | None:
    """The emulator's binary for this machine, or None if it is not installed."""
    with suppress(ImportError):
        spec = importlib.util.find_spec("samcli")
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder) / "local" / "rapid" / f"aws-lambda-rie-{host_architecture()}"
            if path.is_file():
                return path
    return None


def why_not() -> str:
    """The reason why the emulator can't run here, "" if it can."""
    if platform.system() != "Linux":
        return f"it is a Linux program, and this is {platform.system()}"
    if not host_architecture():
        return f"it does not exist for {platform.machine()}"
    if platform.libc_ver()[0] != "glibc":
        return "the layer's binary wheels need glibc, which this Linux lacks"
    if emulator_path() is None:
        return "aws-sam-cli is not installed, or lacks the emulator"
    if importlib.util.find_spec("awslambdaric") is None:
        return "awslambdaric is not installed"
    return ""


class RuntimeEmulator:
    """`with RuntimeEmulator(...) as host:` serves the function on loopback until the block ends.

    The function's Python sees only its standard library and the PYTHONPATH of `environment`. A module that
    the artifact lacks is missing, as on Lambda.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        folder: Path,
        log: Path,
        timeout_s: int,
        handler: str = HANDLER,
    ) -> None:
        self.log = log
        self.emulator_log = log.with_suffix(".emulator.log")
        self._environment = dict(environment)
        self._folder = folder
        self._timeout_s = timeout_s
        self._handler = handler
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    def __enter__(self) -> Self:
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                self._start()
                return self
            except HostError:
                self.__exit__()
                if attempt == START_ATTEMPTS:
                    raise
            except BaseException:
                self.__exit__()
                raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def __exit__(self, *exc: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            processes.stop(process)

    @property
    def pid(self) -> int | None:
        """The id of the emulator's process and session while it runs, else None."""
        return self._process.pid if self._process else None

    @property
    def url(self) -> str:
        """The URL of Invoke while the emulator runs."""
        return f"{self._url}/2015-03-31/functions/{EMULATED_NAME}/invocations"

    def invoke(self, payload: bytes) -> bytes:
        """Invoke the function once through boto3's Lambda client, without retries."""
        from botocore.exceptions import ClientError  # botocore takes 0.3 s, which --help need not

        with closing(self._client()) as client:
            try:
                answer = client.invoke(FunctionName=EMULATED_NAME, Payload=payload)
            except ClientError as error:
                raise exit_error(self.log) from error
            with closing(answer["Payload"]) as body:
                return body.read()

    def _start(self) -> None:
        binary = emulator_path()
        if binary is None:
            raise HostError("the runtime interface emulator is not installed")
        invoke_port, api_port = free_ports(2)
        command = [str(binary), "--runtime-interface-emulator-address", f"{LOOPBACK}:{invoke_port}"]
        command += ["--runtime-api-address", f"{LOOPBACK}:{api_port}"]
        # -S and -s exclude the site-packages of this environment and of the user.
        command += [sys.executable, "-S", "-s", "-m", "awslambdaric", self._handler]
        self._process = processes.start(
            command, env=self._environment, cwd=self._folder, log=self.log, error_log=self.emulator_log
        )
        self._url = f"http://{LOOPBACK}:{invoke_port}"
        self._wait_until_it_listens(self._process, invoke_port)

    def _wait_until_it_listens(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        if processes.wait_for_port(process, port, within_s=START_WITHIN_S):
            return
        if process.poll() is not None:
            output = self.emulator_log.read_text(errors="replace").strip()[-500:]
            raise HostError(f"the runtime interface emulator ended at once: {output}")
        raise HostError(f"the runtime interface emulator did not listen within {START_WITHIN_S:.0f} s")

    def _client(self) -> "LambdaClient":
        import boto3
        from botocore.config import Config

        config = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=self._timeout_s + CLIENT_SLACK_S,
            proxies={},
        )
        return boto3.client(
            "lambda",
            region_name=REGION,
            endpoint_url=self._url,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - loopback takes any
            config=config,
        )


def free_ports(count: int) -> list[int]:
    """Different ports on loopback that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
