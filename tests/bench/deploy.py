#!/usr/bin/env python3
"""Deploys one topology of three functions to the local AWS by tc and by `sam deploy`, turn by turn, and prints elapsed
times.

    tests/bench/deploy.py [--runs N]

`tests/bench/compare.py --install` installs sam; without it tc is timed alone. Beside them stands what the local AWS itself
takes for the same update, asked by the four requests that no deployment can do without. It reports and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import compare
import measure

SIZE = 3
REGION = "us-west-2"
TC_ACCOUNT, SAM_ACCOUNT = "111111111111", "222222222222"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def elapsed(command: list, cwd: Path, env: dict) -> float:
    """The seconds that a command takes."""
    begun = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stdout}{done.stderr}")
    return time.monotonic() - begun


def first_line(command: list, cwd: Path, env: dict) -> float:
    """The seconds until a command says something; it is then waited for."""
    begun = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    process.stderr.readline()
    seconds = time.monotonic() - begun
    process.stderr.read()
    if process.wait() != 0:
        raise SystemExit(f"{command} failed")
    return seconds


class CloudFormation:
    """The local AWS, by its query protocol, without a client's own time."""

    def __init__(self, endpoint: str, account: str) -> None:
        self.endpoint = endpoint
        scope = f"{account}/20260101/{REGION}/cloudformation/aws4_request"
        self.headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def ask(self, action: str, **parameters: str) -> str:
        body = urllib.parse.urlencode({"Action": action, "Version": "2010-05-15", **parameters}).encode()
        request = urllib.request.Request(self.endpoint, data=body, headers=self.headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def until(self, words: list[str], action: str, **parameters: str) -> None:
        while not any(word in self.ask(action, **parameters) for word in words):
            time.sleep(0.005)

    def update(self, stack: str, template: str, parameters: dict[str, str], name: str) -> float:
        """The seconds that an update of a stack takes."""
        numbered = {
            f"Parameters.member.{number}.{key}": value
            for number, (parameter, given) in enumerate(parameters.items(), 1)
            for key, value in (("ParameterKey", parameter), ("ParameterValue", given))
        }
        begun = time.monotonic()
        self.ask(
            "CreateChangeSet", StackName=stack, ChangeSetName=name, TemplateBody=template,
            **{"Capabilities.member.1": "CAPABILITY_IAM"}, **numbered,
        )
        self.until(["<Status>CREATE_COMPLETE<"], "DescribeChangeSet", StackName=stack, ChangeSetName=name)
        self.ask("ExecuteChangeSet", StackName=stack, ChangeSetName=name)
        self.until(["<StackStatus>UPDATE_COMPLETE<"], "DescribeStacks", StackName=stack)
        return time.monotonic() - begun


def handler(root: Path, number: int) -> None:
    """Makes the code of one function another."""
    function = sorted(path for path in root.iterdir() if (path / "handler.py").exists())[0]
    (function / "handler.py").write_text(f"def handler(event, context):\n    return {{'number': {number}}}\n")


def bare_update(cloudformation: CloudFormation, out: Path, runs: int) -> float:
    """What the local AWS takes to give one function other code, with nothing around it."""
    template = json.loads((out / "template.json").read_text())
    described = cloudformation.ask("DescribeStacks", StackName="bench-bob")
    values = dict(
        (member.split("<ParameterKey>")[1].split("<")[0], member.split("<ParameterValue>")[1].split("<")[0])
        for member in described.split("<Parameters>")[1].split("</Parameters>")[0].split("<member>")[1:]
    )
    resources = template["Resources"]
    functions = [name for name, one in resources.items() if one["Type"] == "AWS::Lambda::Function"]
    times = []
    for run in range(runs):
        # Another description is the least that a function can be changed by.
        resources[functions[0]]["Properties"]["Description"] = f"run {run}"
        times.append(cloudformation.update("bench-bob", json.dumps(template), values, f"bare-{run}"))
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    tc, _, generate = measure.build()
    root = measure.WORK / "deploy"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    env = compare.environment() | {"XDG_CACHE_HOME": str(measure.WORK / "cache"), "AWS_REGION": REGION}
    env |= {"AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": SAM_ACCOUNT}
    # tc signs in to a local address by itself.
    ours = {key: value for key, value in env.items() if not key.startswith("AWS_")}
    subprocess.run([tc, "local", "start", "--port", str(port)], env=ours, check=True, stdout=subprocess.DEVNULL)
    try:
        measure_all(tc, generate, root, endpoint, env, ours, runs)
    finally:
        subprocess.run([tc, "local", "stop", "--port", str(port)], env=ours, check=True, stdout=subprocess.DEVNULL)


def measure_all(tc: Path, generate: Path, root: Path, endpoint: str, env: dict, ours: dict, runs: int) -> None:
    source = root / "tc"
    subprocess.run([generate, str(SIZE), source], check=True)
    (source / "tc.yml").write_text(
        f"environments:\n  local: {{endpoint: '{endpoint}', region: {REGION}, account: '{TC_ACCOUNT}'}}\n"
    )
    sandbox = ["-s", "bob", "-e", "local"]
    rows: dict[str, list[float]] = {}
    rows["tc create"] = [elapsed([tc, "create", source, *sandbox], root, ours)]
    sam = compare.VENV / "bin/sam"
    theirs = root / "sam"
    if sam.exists():
        subprocess.run([generate, str(SIZE), theirs, "sam"], check=True)
        make_bucket = "import boto3; boto3.client('s3').create_bucket(Bucket='bench', CreateBucketConfiguration={'LocationConstraint': '%s'})"
        subprocess.run([compare.VENV / "bin/python", "-c", make_bucket % REGION], env=env, check=True)
        rows["sam build"] = [elapsed([sam, "build"], theirs, env)]
        deploy = [sam, "deploy", "--stack-name", "bench", "--s3-bucket", "bench", "--capabilities", "CAPABILITY_IAM",
                  "--no-confirm-changeset", "--no-progressbar"]  # fmt: skip
        rows["sam deploy, to create"] = [elapsed(deploy, theirs, env)]
    for run in range(runs):
        handler(source, run)
        rows.setdefault("tc update, of one function", []).append(elapsed([tc, "update", source, *sandbox], root, ours))
        if sam.exists():
            handler(theirs, run)
            rows.setdefault("sam build, of one function", []).append(elapsed([sam, "build"], theirs, env))
            rows.setdefault("sam deploy, of one function", []).append(elapsed(deploy, theirs, env))
    rows["tc update, nothing to do"] = [elapsed([tc, "update", source, *sandbox], root, ours) for _ in range(runs)]
    rows["tc update, until its first line"] = [first_line([tc, "update", source, *sandbox], root, ours) for _ in range(runs)]
    out = root / "out"
    elapsed([tc, "compile", source, *sandbox, "-o", out, "--format", "json"], root, ours)
    rows["the local AWS, for an update of one function"] = [
        bare_update(CloudFormation(endpoint, TC_ACCOUNT), out, runs)
    ]
    print("| what | elapsed |\n|---|---:|")
    for title, times in rows.items():
        print(f"| {title} | {statistics.median(times):.2f} s |")


if __name__ == "__main__":
    os.umask(0o022)
    main()
