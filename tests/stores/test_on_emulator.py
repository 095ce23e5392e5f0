"""The built artifact under the runtime interface emulator writes its traces before each freeze."""

import json
import re
import time
from pathlib import Path

import pytest

from rewardctl.local import artifact, runtime
from rewardctl.local.environment import function_environment
from rewardctl.runs.records import read_traces
from tests.stores.lambda_api import WAIT_S
from tests.stores.s3_server import S3Server
from tests.stores.test_traces import EVENT, TRACED


@pytest.mark.slow
@pytest.mark.skipif(bool(runtime.why_not()), reason=f"no runtime emulator: {runtime.why_not()}")
def test_under_the_runtime_emulator_the_artifact_traces(tmp_path: Path) -> None:
    """The emulator holds the answer until extensions are done, which Lambda does not. Its log tells when the
    runtime was done; the bucket holds each object until then."""
    built = artifact.build_artifact(tmp_path / "built")
    path = (built.function, built.layer, built.runtime)
    with S3Server() as s3:
        environment = function_environment(
            definition="math-answer", judge_url="http://127.0.0.1:9", path=path, timeout_s=30, caller={}
        )
        environment |= TRACED | {"AWS_ENDPOINT_URL_S3": s3.url}
        log = tmp_path / "log"
        with runtime.RuntimeEmulator(environment, folder=built.function, log=log, timeout_s=30) as host:

            def until_the_runtime_is_done() -> None:
                end_s = time.monotonic() + WAIT_S
                while runtimes_done(host.emulator_log) <= len(s3.objects):
                    assert time.monotonic() < end_s, "the answer waits for the object"
                    time.sleep(0.01)

            s3.before = until_the_runtime_is_done
            for number in (1, 2):
                assert len(json.loads(host.invoke(json.dumps(EVENT).encode()))) == 2
                assert len(s3.objects) == number, "the emulator lets go when the object is there"
        assert "Internal agent reward-fn-traces" in host.emulator_log.read_text()
    assert all(len(read_traces(content)) == 2 for content in s3.objects.values())


def runtimes_done(log: Path) -> int:
    return len(re.findall(r"INVOKE RTDONE\(status: success", log.read_text(errors="replace")))
