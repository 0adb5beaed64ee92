#!/usr/bin/env python3.11
"""Writes the compact facts about the CloudFormation resource types that tc emits.

Source: the resource schemas in the cfn-lint wheel of VERSION, which pip fetches by its digest unless this Python has
that version installed. `generate.py` rewrites the files beside it; `generate.py --check` changes nothing and exits 1 when they differ from what
it would write. README.md beside it says what is kept and what is dropped.
"""

import argparse
import ast
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

VERSION = "1.58.0"
SHA256 = "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987"
REGION = "us-east-1"
HERE = pathlib.Path(__file__).resolve().parent

TYPES = {
    "AWS::ApiGateway": "Account Authorizer Deployment GatewayResponse Method Resource RestApi Stage",
    "AWS::ApiGatewayV2": "Api ApiMapping Authorizer Deployment Integration Route Stage",
    "AWS::EC2": "RouteTable SecurityGroup Subnet SubnetRouteTableAssociation VPC VPCEndpoint",
    "AWS::EFS": "AccessPoint FileSystem MountTarget",
    "AWS::Events": "EventBus Rule",
    "AWS::IAM": "ManagedPolicy Policy Role",
    "AWS::Lambda": "Alias EventInvokeConfig EventSourceMapping Function LayerVersion LayerVersionPermission Permission"
    " Url Version",
    "AWS::Logs": "LogGroup",
    "AWS::S3": "Bucket BucketPolicy",
    "AWS::SNS": "Topic",
    "AWS::SQS": "Queue QueuePolicy",
    "AWS::Scheduler": "Schedule ScheduleGroup",
    "AWS::StepFunctions": "StateMachine",
}

# What Ref gives where it is not the primary identifier, or not all of it ("Template Reference, Return values").
REF = {
    "AWS::ApiGateway::Authorizer": "AuthorizerId",
    "AWS::ApiGateway::Deployment": "DeploymentId",
    "AWS::ApiGateway::Resource": "ResourceId",
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::ApiGatewayV2::ApiMapping": "ApiMappingId",
    "AWS::ApiGatewayV2::Authorizer": "AuthorizerId",
    "AWS::ApiGatewayV2::Deployment": "DeploymentId",
    "AWS::ApiGatewayV2::Integration": "IntegrationId",
    "AWS::ApiGatewayV2::Route": "RouteId",
    "AWS::ApiGatewayV2::Stage": "StageName",
    "AWS::Events::Rule": "Name",
}

# Keywords that hold a plain value, kept as they are.
PLAIN = frozenset(
    "$ref additionalProperties const dependentExcluded dependentRequired enum exclusiveMaximum exclusiveMinimum maximum"
    " maxItems maxLength maxProperties minimum minItems minLength minProperties required requiredOr requiredXor type"
    " uniqueItems".split()
)
# Keywords that say nothing about which values are right.
DROPPED = frozenset(
    "$comment default description examples insertionOrder relationshipRef title".split()
)
# Patterns that accept every text.
TRIVIAL = frozenset(["", ".*", r"[\s\S]*"])

# Rust's regex crate has no look-around. Each of these has an equal without it; the samples are run through both.
REWRITES = {
    r"^(?!\s*$).+$": (r"^.*\S.*$", ["", " ", "a", " a ", "\t"]),
    r"^(?!^[0-9]+$)([a-zA-Z0-9-_]+)$": (
        r"^[a-zA-Z0-9-_]*[a-zA-Z-_][a-zA-Z0-9-_]*$",
        ["", "1", "12", "1a", "a1", "a", "-", "a.b"],
    ),
    r"((?!^[0-9]+$)([a-zA-Z0-9-_]+))": (r"[a-zA-Z-_]|[0-9]{2}", ["", "1", "12", "1a", "a1", "a", "-", "."]),
    r"^[0-9A-Za-z\.\-_]*(?<!\.)$": (
        r"^([0-9A-Za-z\.\-_]*[0-9A-Za-z\-_])?$",
        ["", ".", "a", "a.", "a.b", "-", "a/b"],
    ),
    r"^(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)$": (
        r"^([/\.\-_A-Zb-z0-9]|a([^w]|$)|aw([^s]|$)|aws([^\.]|$))|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)$",
        ["", "a", "aw", "aws", "aws.", "aws.x", "awsx", "b", "!", "$", "$.a[1]", "!$", "/x"],
    ),
    r"^(\/|(\/(?!\.)+[^$#<>;`|&?{}^*/\n]+){1,4})$": (
        r"^(\/|(\/[^\.$#<>;`|&?{}^*/\n][^$#<>;`|&?{}^*/\n]*){1,4})$",
        ["", "/", "/a", "/a/b/c/d", "/a/b/c/d/e", "/.a", "/a.b", "/a/", "a", "/a$"],
    ),
    r"^(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_]+)(:((?!\d+)[0-9a-zA-Z-_]+))?$": (
        r"^(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
        r"([a-zA-Z0-9-_]+)(:([a-zA-Z-_][0-9a-zA-Z-_]*))?$",
        ["f", "f:live", "f:1", "f:1a", "f:a1", "arn:aws:lambda:us-east-1:123456789012:function:f:live", "f:"],
    ),
}


def for_rust(pattern):
    """The pattern as Rust's regex crate reads it with the meaning JSON Schema gives it; None if there is no equal."""
    if pattern in REWRITES:
        rewritten, samples = REWRITES[pattern]
        for sample in samples:
            if bool(re.search(pattern, sample)) != bool(re.search(rewritten, sample)):
                sys.exit(f"the rewriting of {pattern} differs on {sample!r}")
        pattern = rewritten
    out, at, in_class = [], 0, False
    while at < len(pattern):
        char, pair = pattern[at], pattern[at : at + 2]
        if char == "\\":
            # ECMA's \d and \w are ASCII; Rust's are not. Rust spells the very end of the text \z.
            ascii_class = {r"\d": "0-9", r"\w": "A-Za-z0-9_"}.get(pair)
            if ascii_class:
                out.append(ascii_class if in_class else f"[{ascii_class}]")
            else:
                out.append(r"\z" if pair == r"\Z" else pair)
            at += 2
            continue
        if in_class:
            in_class = char != "]"
            # Rust nests classes and has set operations in them.
            out.append("\\[" if char == "[" else f"\\{char}" if pair in ("&&", "~~") else char)
        else:
            if re.match(r"\(\?(=|!|<=|<!)", pattern[at:]):
                return None
            in_class = char == "["
            out.append(char)
        at += 1
    return "".join(out)


class Facts:
    """The facts of one type, cut out of its full schema."""

    def __init__(self, schema, all_readable):
        self.schema = schema
        self.notes = set()
        self.definitions = {}
        name = schema["typeName"]
        root = {key: value for key, value in schema.items() if key in PLAIN | {"anyOf", "properties"}}
        facts = {"typeName": name, "schema": self.node(root, "")}
        for key in (
            "createOnlyProperties",
            "conditionalCreateOnlyProperties",
            "readOnlyProperties",
            "writeOnlyProperties",
        ):
            facts[key] = sorted(dotted(pointer) for pointer in schema.get(key, []))
        facts["primaryIdentifier"] = [dotted(pointer) for pointer in schema["primaryIdentifier"]]
        identifier = facts["primaryIdentifier"]
        facts["ref"] = REF.get(name, identifier[0] if len(identifier) == 1 else None)
        facts["getAtt"] = sorted(self.readable(all_readable))
        tagging = schema.get("tagging", {})
        if tagging.get("taggable", schema.get("taggable")):
            facts["tagProperty"] = dotted(tagging.get("tagProperty", "/properties/Tags"))
        facts["definitions"] = self.definitions
        facts["notes"] = sorted(self.notes)
        unknown = set(schema) - PLAIN - DROPPED - {
            "$schema", "additionalIdentifiers", "anyOf", "conditionalCreateOnlyProperties", "createOnlyProperties",
            "definitions", "handlers", "primaryIdentifier", "properties", "propertyTransform", "readOnlyProperties",
            "replacementStrategy",
            "sourceUrl", "taggable", "tagging", "typeName", "writeOnlyProperties",
        }  # fmt: skip
        if unknown:
            sys.exit(f"{name}: unknown keywords {sorted(unknown)}")
        self.facts = {key: value for key, value in facts.items() if value not in ({}, [], None)}

    def plain(self, keywords):
        # Lists of names and of allowed values are sets: sorted, so that a reordering upstream is no change here.
        return {k: sorted(v) if k in ("enum", "required", "type") and isinstance(v, list) else v
                for k, v in keywords.items()}  # fmt: skip

    def named(self, nodes, path):
        return {name: self.node(node, f"{path}.{name}".lstrip(".")) for name, node in nodes.items()}

    def node(self, node, path):
        out = self.plain({key: value for key, value in node.items() if key in PLAIN})
        for key, value in node.items():
            if key in PLAIN or key in DROPPED:
                continue
            elif key == "properties":
                out[key] = self.named(value, path)
            elif key == "patternProperties":
                out[key] = {self.pattern(name, path) or "": self.node(sub, f"{path}.*") for name, sub in value.items()}
            elif key == "items":
                out[key] = self.node(value, f"{path}.*")
            elif key in ("anyOf", "oneOf"):
                choices = [self.node(choice, path) for choice in value]
                # Choices among formats alone say nothing about the text.
                if any(set(choice) - {"format"} for choice in choices):
                    out[key] = choices
            elif key == "pattern":
                if value not in TRIVIAL and (pattern := self.pattern(value, path)):
                    out[key] = pattern
            elif key == "format":
                # Which attribute of which type belongs here: `AWS::IAM::Role.Arn`.
                if value.startswith("AWS::"):
                    out[key] = value
            else:
                sys.exit(f"{self.schema['typeName']} {path}: unknown keyword {key}")
        if "$ref" in out:
            prefix, _, name = out["$ref"].rpartition("/")
            if prefix != "#/definitions":
                sys.exit(f"{path}: {out['$ref']} is not a definition")
            out["$ref"] = name
            if name not in self.definitions:
                self.definitions[name] = None  # Taken before its own references to it are followed.
                self.definitions[name] = self.node(self.schema["definitions"][name], name)
        return out

    def pattern(self, pattern, path):
        rewritten = for_rust(pattern)
        if rewritten is None:
            self.notes.add(f"{path}: pattern dropped, it needs look-around: {pattern}")
        elif pattern in REWRITES:
            self.notes.add(f"{path}: pattern rewritten without look-around: {pattern}")
        return rewritten

    def readable(self, all_readable):
        """The attributes that Fn::GetAtt gives: the read-only properties, and for some types every property."""
        yield from (dotted(pointer) for pointer in self.schema.get("readOnlyProperties", []) if "*" not in pointer)
        if self.schema["typeName"] not in all_readable:
            return
        read_only = {dotted(pointer) for pointer in self.schema.get("readOnlyProperties", [])}
        for name, node in self.schema["properties"].items():
            while "$ref" in node:
                node = self.schema["definitions"][node["$ref"].rpartition("/")[2]]
            kinds = node.get("type", [])
            if name not in read_only and not {"object", "array"} & set([kinds] if isinstance(kinds, str) else kinds):
                yield name


def dotted(pointer):
    """`/properties/A/B` as `A.B`; `*` stands for the items of a list."""
    return ".".join(pointer.removeprefix("/properties/").replace("/properties/", "/").split("/"))


def installed():
    """Where this Python has the pinned version of cfn-lint, if it has."""
    try:
        found = importlib.metadata.distribution("cfn-lint")
    except importlib.metadata.PackageNotFoundError:
        return None
    return pathlib.Path(found.locate_file("")) if found.version == VERSION else None


def fetch(directory):
    """The wheel as a tree of files."""
    requirement = pathlib.Path(directory, "requirement.txt")
    requirement.write_text(f"cfn-lint=={VERSION} --hash=sha256:{SHA256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--only-binary=:all:", "--dest", directory, "-r", str(requirement)], check=True)
    return zipfile.Path(next(pathlib.Path(directory).glob("*.whl")))


def generate(package):
    """File name to text."""

    def load(name):
        return json.loads((package / f"cfnlint/data/schemas/{name}.json").read_bytes())

    module = ast.parse((package / "cfnlint/schema/_getatts.py").read_bytes())
    all_readable = next(
        ast.literal_eval(statement.value)
        for statement in module.body
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "_all_property_types"
    )
    hashes = load(f"providers/{REGION}")
    files = {}
    for name in sorted(f"{service}::{name}" for service, names in TYPES.items() for name in names.split()):
        facts = Facts(load(f"resources/{hashes[name]}"), all_readable).facts
        file = name.lower().replace("::", "-") + ".json"
        files[file] = json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    source = {"package": "cfn-lint", "version": VERSION, "sha256": SHA256, "region": REGION}
    source["schemaDate"] = load("version")["schema_date"]
    files["source.json"] = json.dumps(source, indent=1) + "\n"
    return files


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        files = generate(installed() or fetch(directory))
    present = {path.name: path.read_text() for path in HERE.glob("*.json")}
    changed = sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name))
    if options.check:
        for name in changed:
            print(f"schema/cfn/{name} differs from what generate.py writes", file=sys.stderr)
        sys.exit(bool(changed))
    for name in changed:
        if name in files:
            (HERE / name).write_text(files[name])
        else:
            (HERE / name).unlink()
    print(f"{len(files)} files, {len(changed)} changed")


if __name__ == "__main__":
    main()
