"""A stand-in for Bedrock's batch jobs on loopback: it refuses what the service refuses, and counts records.

It reads and writes S3 through boto3, so in a test through moto. The judge behind it is the offline one.
"""

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import boto3

from rewardctl.batch_jobs.records import LEAST_RECORDS, MOST_RECORDS_A_FILE
from rewardctl.emulate.judge.fill import fill
from rewardctl.emulate.judge.material import read_material

JOB_NAME = re.compile(r"[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}")
TOKEN = re.compile(r"[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}")
ROLE = re.compile(r"arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+")


class RefusedError(Exception):
    """The request is refused as the service refuses it."""


class JobServer:
    """``with JobServer() as server:``. ``spoil`` are positions of records that are answered by an error."""

    def __init__(
        self, *, statuses: tuple[str, ...] = ("Completed",), spoil: frozenset[int] = frozenset()
    ) -> None:
        self.statuses = statuses
        self.spoil = spoil
        self.created: list[dict[str, Any]] = []
        self.records = 0
        self._polls = 0
        self._tokens: dict[str, str] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                try:
                    answer, status = {"jobArn": server.create(body)}, 200
                except RefusedError as error:
                    answer, status = {"message": str(error)}, 400
                self._answer(status, answer)

            def do_GET(self) -> None:
                arn = unquote(urlsplit(self.path).path.removeprefix("/model-invocation-job/"))
                self._answer(200, server.status(arn))

            def _answer(self, status: int, answer: Mapping[str, Any]) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                if status != 200:
                    self.send_header("x-amzn-errortype", "ValidationException")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def create(self, body: Mapping[str, Any]) -> str:
        """Check a request, answer all records, and write the output."""
        if not JOB_NAME.fullmatch(body["jobName"]) or not TOKEN.fullmatch(body["clientRequestToken"]):
            raise RefusedError("jobName or clientRequestToken does not match its pattern")
        if not ROLE.fullmatch(body["roleArn"]):
            raise RefusedError("roleArn does not match its pattern")
        if body.get("modelInvocationType") != "Converse":
            raise RefusedError("the records are not bodies of InvokeModel")
        if (token := body["clientRequestToken"]) in self._tokens:
            return self._tokens[token]
        files = self._input(body["inputDataConfig"]["s3InputDataConfig"]["s3Uri"])
        records = [json.loads(line) for lines in files.values() for line in lines]
        if len(records) < LEAST_RECORDS:
            raise RefusedError(f"{len(records)} records are fewer than {LEAST_RECORDS}")
        for record in records:
            if not re.fullmatch(r"[A-Za-z0-9]+", record["recordId"]) or "toolConfig" in record["modelInput"]:
                raise RefusedError("a record has no alphanumeric recordId, or has tools")
        self.created.append(dict(body))
        self.records += len(records)
        arn = f"arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/{len(self.created):012d}"
        self._tokens[token] = arn
        self._output(body["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"], arn, files)
        return arn

    def status(self, arn: str) -> dict[str, Any]:
        """The next of ``statuses``; the last one stays."""
        status = self.statuses[min(self._polls, len(self.statuses) - 1)]
        self._polls += 1
        data = {"s3InputDataConfig": {"s3Uri": "s3://b/i/"}}
        output = {"s3OutputDataConfig": {"s3Uri": "s3://b/o/"}}
        return {
            "jobArn": arn, "modelId": "m", "roleArn": "arn:aws:iam::123456789012:role/r", "status": status,
            "submitTime": "2026-11-01T00:00:00Z", "inputDataConfig": data, "outputDataConfig": output,
            "processedRecordCount": self.records, "message": "no capacity",
        }  # fmt: skip

    def _input(self, uri: str) -> dict[str, list[str]]:
        s3, place = boto3.client("s3"), urlsplit(uri)
        listed = s3.list_objects_v2(Bucket=place.netloc, Prefix=place.path.lstrip("/"))["Contents"]
        files = {each["Key"]: s3.get_object(Bucket=place.netloc, Key=each["Key"])["Body"] for each in listed}
        lines = {
            key: body.read().decode().splitlines() for key, body in files.items() if key.endswith(".jsonl")
        }
        if any(len(each) > MOST_RECORDS_A_FILE for each in lines.values()):
            raise RefusedError("a file has too many records")
        return lines

    def _output(self, uri: str, arn: str, files: Mapping[str, list[str]]) -> None:
        s3, place = boto3.client("s3"), urlsplit(uri)
        folder = f"{place.path.lstrip('/')}{arn.rpartition('/')[2]}"
        number = 0
        for key, lines in files.items():
            answers = []
            for line in reversed(lines):  # the order of records is not kept
                answers.append(json.dumps(self._answered(json.loads(line), number)))
                number += 1
            name = f"{folder}/{key.rpartition('/')[2]}.out"
            s3.put_object(Bucket=place.netloc, Key=name, Body="\n".join(answers).encode())
        s3.put_object(Bucket=place.netloc, Key=f"{folder}/manifest.json.out", Body=b"{}")

    def _answered(self, record: dict[str, Any], number: int) -> dict[str, Any]:
        if number in self.spoil:
            return {**record, "error": {"errorCode": 500, "errorMessage": "internal"}}
        request = record["modelInput"]
        texts = [part["text"] for part in request["system"]]
        texts += [part["text"] for turn in request["messages"] for part in turn["content"]]
        schema = json.loads(request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"])
        text = json.dumps(fill(schema, read_material(texts)))
        output = {
            "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100},
        }
        return {**record, "modelOutput": output}
