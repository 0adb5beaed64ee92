"""Serves the local AWS in the environment that start.py has installed: MiniStack, with what access.py, functions.py,
gateways.py, logs.py, nested.py, nested_change_sets.py, refactor.py and resources.py change of it, on loopback
alone."""

import argparse
import asyncio
import datetime
import fcntl
import importlib.metadata
import json
import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import threading

ADDRESS = "127.0.0.1"

# What a user's shell says of AWS must not reach the server or the functions it runs.
FOREIGN = ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"]


def bind(port):
    """A listening socket. Bound here and handed to the server, so that a free port stays ours."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((ADDRESS, port))
    listener.listen(128)
    listener.setblocking(False)
    return listener


def settle(port, region, scratch):
    """MiniStack reads its settings from the environment when it is imported."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    settings = {
        "BIND_HOST": ADDRESS,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": region,
        "LAMBDA_EXECUTOR": "local",
        # Capabilities, roles and the permissions of a function's role count, as they do in AWS.
        "AUTH": "true",
        "TMPDIR": scratch,
    }
    os.environ.update(settings)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    tempfile.tempdir = scratch


def end(scratch):
    """Ends the server and every function that runs: MiniStack can hang on a mere SIGTERM while a function lives."""
    shutil.rmtree(scratch, ignore_errors=True)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def watch_input(scratch):
    """Waits for the end of standard input, which is the end of whoever started this."""
    while sys.stdin.buffer.read1(4096):
        pass
    end(scratch)


def detach():
    """Leaves the terminal that this was started from, which may be closed."""
    if os.getpgrp() != os.getpid():
        os.setsid()


def keep_record(path, address, log):
    """Writes what runs here, and holds a lock on that file until this process ends, however it ends: the caller keeps what
    is returned. The record is whole and locked when it gets its name."""
    record = {
        "endpoint": address,
        "version": importlib.metadata.version("ministack"),
        "pid": os.getpid(),
        "started": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "log": str(log),
    }
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    file = open(beside, "w")
    fcntl.flock(file, fcntl.LOCK_EX)
    json.dump(record, file)
    file.flush()
    os.replace(beside, path)
    return file


def announce(address, is_detached):
    """Says where the server answers. Whoever reads that of a detached one may be gone, and is once it was read."""
    try:
        print(address, flush=True)
    except BrokenPipeError:
        pass
    if is_detached:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def announcing(app, address, is_detached):
    """The application, saying where it answers as soon as it does."""

    async def announced(scope, receive, send):
        async def tell(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                announce(address, is_detached)

        await app(scope, receive, tell if scope["type"] == "lifespan" else send)

    return announced


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--functions", required=True, type=pathlib.Path)
    arguments.add_argument("--port", required=True, type=int)
    arguments.add_argument("--region", required=True)
    arguments.add_argument("--file-systems", type=pathlib.Path)
    arguments.add_argument("--attached", action="store_true")
    arguments.add_argument("--record", type=pathlib.Path)
    arguments.add_argument("--log", type=pathlib.Path)
    options = arguments.parse_args()

    listener = bind(options.port)
    port = listener.getsockname()[1]
    address = f"http://{ADDRESS}:{port}"
    if options.record:
        detach()
        record = keep_record(options.record, address, options.log)
    scratch = tempfile.mkdtemp(prefix="tc-local-")
    settle(port, options.region, scratch)
    signal.signal(signal.SIGTERM, lambda *_: end(scratch))
    signal.signal(signal.SIGINT, lambda *_: end(scratch))
    if options.attached:
        threading.Thread(target=watch_input, args=[scratch], daemon=True).start()

    import access
    import functions
    import gateways
    import logs
    import nested
    import nested_change_sets
    import refactor
    import resources
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    access.trust_connections()
    functions.use_runtime_clients(options.functions, options.file_systems or pathlib.Path(scratch, "file-systems"))
    gateways.answer_at_awss_hosts()
    logs.identify_events()
    resources.mend()
    nested.mend()
    nested_change_sets.mend()
    refactor.mend()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.loglevel = "WARNING"

    async def run():
        # A trigger that never comes: with one, the server leaves the signals to us.
        application = announcing(app, address, options.record is not None)
        await serve(application, config, shutdown_trigger=asyncio.Event().wait)

    asyncio.run(run())


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        print(f"local AWS: {error}", file=sys.stderr)
        sys.exit(1)
