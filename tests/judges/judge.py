#!/usr/bin/env python3.11
"""Judges CloudFormation templates with programs that are not ours: cfn-lint and AWS's cloudformation-validate.

    judge.py TEMPLATE...
    judge.py --python

Prints each warning or error as `file:line CODE judge: message` and exits 1 if there is one, 2 if a judge could not run.
`--python` prints the Python that has the judges' packages, for scripts that need one of them. Needs a Python of 3.10 or later and nothing else: on first use the judges are installed from requirements.txt into
`target/judges/DIGEST`, where DIGEST is that file's; processes that start at the same time wait for each other.
"""

import argparse
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
ENVIRONMENTS = HERE.parent.parent / "target" / "judges"

# A runtime past its end of life: accepted but warned of by tc too. The id moves from W to E as the dates pass.
ALLOWED = frozenset(["W2531", "E2531", "E2533"])


def environment():
    """The directory of an environment that holds the judges; installs them if they are not there."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    directory = ENVIRONMENTS / digest
    complete = directory / "complete"
    if complete.exists():
        return directory
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with open(ENVIRONMENTS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            # What an interrupted installation left is worth nothing.
            shutil.rmtree(directory, ignore_errors=True)
            print(f"installing the judges into {directory}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
            pip = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--only-binary=:all:", "-r", str(REQUIREMENTS)], check=True)
            complete.touch()
    return directory


def cfn_lint(templates):
    """One run over all templates: its start costs more than a template does."""
    with tempfile.TemporaryDirectory() as empty:
        # It reads .cfnlintrc in the working directory and in HOME; nobody's own settings may decide here.
        lint = subprocess.run(
            [sys.executable, f"{sys.prefix}/bin/cfn-lint", "--format", "json", "--regions", "us-east-1", "--non-zero-exit-code", "none"]
            + ["--", *map(str, templates)],
            cwd=empty,
            env={**os.environ, "HOME": empty, "XDG_CONFIG_HOME": empty},
            capture_output=True,
            text=True,
        )
    if lint.returncode != 0:
        raise ChildProcessError(f"cfn-lint failed: {lint.stderr[-2000:]}")
    for finding in json.loads(lint.stdout):
        if finding["Level"] != "Informational":
            yield (
                finding["Filename"],
                finding["Location"]["Start"]["LineNumber"],
                finding["Rule"]["Id"],
                "cfn-lint",
                finding["Message"],
            )


def cloudformation_validate(templates):
    from cloudformation_validate import CompositeEngine, ReportStatus, Severity

    engine = CompositeEngine()
    for template in templates:
        report = engine.validate_template(str(template))
        if report.status == ReportStatus.ANALYSIS_INCOMPLETE:
            yield str(template), 1, "INCOMPLETE", "cloudformation-validate", "the analysis gave up before its end"
        for finding in report.diagnostics:
            if finding.severity in (Severity.FATAL, Severity.ERROR, Severity.WARN):
                place = f" [{finding.entity.logical_id}]" if finding.entity else ""
                yield (
                    str(template),
                    finding.start_line or 1,
                    finding.rule_id,
                    "cloudformation-validate",
                    finding.message + place,
                )


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = arguments.add_mutually_exclusive_group(required=True)
    choice.add_argument("--python", action="store_true", help="print the Python that has the judges")
    choice.add_argument("templates", nargs="*", default=[], type=pathlib.Path, metavar="TEMPLATE")
    options = arguments.parse_args()
    templates = [template.resolve(strict=True) for template in options.templates]
    if sys.version_info < (3, 10):
        raise OSError("judge.py needs Python 3.10 or later")
    if not pathlib.Path(sys.prefix).is_relative_to(ENVIRONMENTS):
        python = environment() / "bin" / "python"
        if options.python:
            print(python)
            return
        os.execv(python, [str(python), __file__, *map(str, templates)])
    findings = {*cfn_lint(templates), *cloudformation_validate(templates)}
    refused = sorted(finding for finding in findings if finding[2] not in ALLOWED)
    here = pathlib.Path.cwd()
    for file, line, code, judge, message in refused:
        path = pathlib.Path(file)
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        print(f"{shown}:{line} {code} {judge}: {' '.join(message.split())[:400]}")
    sys.exit(bool(refused))


if __name__ == "__main__":
    try:
        main()
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        print(f"judge.py: {error}", file=sys.stderr)
        sys.exit(2)
