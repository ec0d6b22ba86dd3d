"""Runs a script of calls with boto3: boto.py SCRIPT ENDPOINT.

It prints one line of JSON for each call: {"out": ...}, or {"error": "code: message"}.
"""

import base64
import json
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError


def expand(value, saved):
    if isinstance(value, str) and value.startswith("$"):
        return saved[value[1:]]
    if isinstance(value, list):
        return [expand(v, saved) for v in value]
    if isinstance(value, dict):
        return {k: expand(v, saved) for k, v in value.items()}
    return value


def at(value, path):
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def text(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def main(script, endpoint):
    config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
    session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    clients = {s: session.client(s, endpoint_url=endpoint, config=config) for s in ("sqs", "sns")}
    saved = {}
    with open(script, encoding="utf-8") as f:
        calls = json.load(f)
    for call in calls:
        method = getattr(clients[call["service"]], xform_name(call["action"]))
        try:
            out = method(**expand(call["in"], saved))
            out.pop("ResponseMetadata", None)
            for name, path in call.get("save", {}).items():
                saved[name] = at(out, path)
            line = {"out": out}
        except ClientError as e:
            error = e.response["Error"]
            line = {"error": error["Code"] + ": " + error["Message"]}
        print(json.dumps(line, default=text), flush=True)


main(sys.argv[1], sys.argv[2])
