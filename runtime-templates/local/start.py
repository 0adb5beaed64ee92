#!/usr/bin/env python3
"""Starts the local AWS: the parts of AWS that tc deploys to, answering on this machine alone.

    start.py --home DIR [--port PORT] [--region REGION] [--file-systems DIR] [--attached | --record FILE --log FILE]

What functions have mounted is kept below --file-systems, in a directory an access point; else it is removed in the end.

Needs Python 3.11 or later and nothing else: on first use the packages are installed from PyPI into DIR. A directory is
named after what is installed in it, so another version of this file's requirements installs its own.

When everything answers, `http://127.0.0.1:PORT` is printed as the only line on standard output; port 0, the default, is
any free one. With --attached it ends, and all functions it runs, as soon as its standard input does, so that nothing is
left behind by a parent that was killed; it must then lead its process group. With --record it outlives who started it: it
writes what runs into that file and holds a lock on it until it ends; --log is what standard error goes to, for the record
to name. With --python it is only installed, and the interpreter that it runs by is printed, which has boto3.
"""

import argparse
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
SERVER = HERE / "server-requirements.txt"
FUNCTION = HERE / "function-requirements.txt"

# The versions of Python that Lambda has and function-requirements.txt has wheels for.
FUNCTION_PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def interpreters():
    """The interpreters on this machine that run functions, by Python version."""
    found = {}
    for version in FUNCTION_PYTHONS:
        if version == "%d.%d" % sys.version_info[:2]:
            found[version] = sys.executable
        elif name := shutil.which(f"python{version}"):
            # What stands on the PATH may be a launcher of a version that is not installed.
            shown = subprocess.run([name, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True)
            if shown.returncode == 0:
                found[version] = shown.stdout.strip()
    return found


def install(home):
    """The directory that holds the server's environment, `server`, and the packages for functions, `functions/VERSION`,
    with a link `python` to the interpreter in each. Installs them if they are not there."""
    pythons = interpreters()
    parts = [SERVER.read_bytes(), FUNCTION.read_bytes(), sys.version.encode(), repr(sorted(pythons.items())).encode()]
    directory = home / hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    complete = directory / "complete"
    if complete.exists():
        return directory
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            # What an interrupted installation left is worth nothing.
            shutil.rmtree(directory, ignore_errors=True)
            print(f"installing the local AWS into {directory}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", str(directory / "server")], check=True, stdout=sys.stderr)
            pip = [str(directory / "server" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
            wheels = ["install", "--only-binary=:all:", "--no-warn-conflicts", "--root-user-action=ignore", "-r"]
            subprocess.run([*pip, *wheels, str(SERVER)], check=True, stdout=sys.stderr)
            for version, python in pythons.items():
                target = directory / "functions" / version
                into = ["--python", python, *wheels, str(FUNCTION), "--target", str(target)]
                subprocess.run([*pip, *into], check=True, stdout=sys.stderr)
                (target / "python").symlink_to(python)
            complete.touch()
    return directory


def watch_input():
    """Ends an installation as soon as standard input ends, and pip with it."""
    # Not by sys.stdin, which this thread would hold when the interpreter ends.
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--home", required=True, type=pathlib.Path, metavar="DIR", help="where it is installed")
    arguments.add_argument("--port", type=int, default=0, help="the port, 0 for any free one")
    arguments.add_argument("--region", default="us-east-1", help="the region of requests that name none")
    arguments.add_argument("--file-systems", type=pathlib.Path, metavar="DIR", help="where what is mounted is kept")
    arguments.add_argument("--attached", action="store_true", help="end when standard input ends")
    arguments.add_argument("--record", type=pathlib.Path, metavar="FILE", help="outlive who started it, and say so here")
    arguments.add_argument("--log", type=pathlib.Path, metavar="FILE", help="what standard error goes to")
    arguments.add_argument("--python", action="store_true", help="print the interpreter that it runs by, and end")
    options = arguments.parse_args()
    if sys.version_info < (3, 11):
        raise OSError("the local AWS needs Python 3.11 or later")
    if options.attached and os.getpgrp() == os.getpid():
        threading.Thread(target=watch_input, daemon=True).start()
    directory = install(options.home.resolve())
    python = str(directory / "server" / "bin" / "python")
    if options.python:
        return print(python)
    attached = ["--attached"] if options.attached else []
    if options.record:
        attached += ["--record", str(options.record.resolve()), "--log", str((options.log or options.record).resolve())]
    if options.file_systems:
        attached += ["--file-systems", str(options.file_systems.resolve())]
    server = [str(HERE / "server.py"), "--functions", str(directory / "functions")]
    os.execv(python, [python, *server, "--port", str(options.port), "--region", options.region, *attached])


if __name__ == "__main__":
    try:
        main()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"local AWS: {error}", file=sys.stderr)
        sys.exit(1)
