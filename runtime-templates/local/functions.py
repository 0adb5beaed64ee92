"""How the local AWS runs functions: through the Runtime API that Lambda has, by a runtime client a language.

    python*    AWS's own client, under the interpreter of that version if there is one, else under the server's
    nodejs*    client.js
    ruby*      client.rb
    provided*  the zip's own bootstrap

So an error carries its type and stack trace, which a flow's `Catch` is matched against, and an import that Lambda would
not find is not found here either. Layers are unpacked and reach the function by search paths, since nothing can be
mounted at /opt. Nor can a file system be mounted at /mnt: each access point is a directory, and where a variable of the
function names a path at the mount point, the function gets the path in that directory.
"""

import io
import os
import pathlib
import re
import shlex
import sys
import zipfile

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

HERE = pathlib.Path(__file__).resolve().parent

# The directories of a layer that Lambda puts on a search path ("Lambda Developer Guide, Packaging your layer content").
LAYER_PATHS = {
    "PATH": ["bin"],
    "LD_LIBRARY_PATH": ["lib"],
    "NODE_PATH": ["nodejs/node_modules", "nodejs/node{major}/node_modules"],
    "PYTHONPATH": ["python", "python/lib/python{version}/site-packages"],
    "RUBYLIB": ["ruby/lib"],
    "GEM_PATH": ["ruby/gems/{version}.0"],
}

# The directories of the function itself on a search path.
OWN_PATHS = {"PYTHONPATH": ".", "RUBYLIB": ".", "GEM_PATH": "vendor/bundle/ruby/{version}.0"}

# When a zip with a start script was made; any fixed time does.
EPOCH = (1980, 1, 1, 0, 0, 0)


class Client:
    """The runtime client of a function: the command that runs it, and what it needs on search paths."""

    def __init__(self, command, paths=None):
        self.command = command
        self.paths = paths or {}


def client(runtime, packages):
    """The runtime client for a runtime; None where the zip brings its own, or none is known."""
    if runtime.startswith("python"):
        ours = packages / runtime.removeprefix("python")
        if not ours.is_dir():
            ours = packages / "{}.{}".format(*sys.version_info)
        # -S: what is installed beside the interpreter is not there in Lambda.
        return Client([str(ours / "python"), "-S", "-m", "awslambdaric"], {"PYTHONPATH": [str(ours)]})
    if runtime.startswith("nodejs"):
        return Client(["node", str(HERE / "client.js")])
    if runtime.startswith("ruby"):
        return Client(["ruby", str(HERE / "client.rb")])
    return None


def search_paths(runtime, layers, clients):
    """The search paths as assignments of the start script: the function's, the layers', the client's, and those before."""
    version = runtime.lstrip("abcdefghijklmnopqrstuvwxyz").removesuffix(".x")
    major = version.split(".")[0]
    for name, patterns in LAYER_PATHS.items():
        paths = [f"{layer}/{pattern.format(version=version, major=major)}" for layer in layers for pattern in patterns]
        paths = [path for path in paths if os.path.isdir(path)] + clients.get(name, [])
        words = [shlex.quote(path) for path in paths]
        if name in OWN_PATHS:
            words.insert(0, f'"$LAMBDA_TASK_ROOT/{OWN_PATHS[name].format(version=version)}"')
        if words:
            # An empty end stands for the defaults in a GEM_PATH, and for the working directory in the others.
            before = '":$GEM_PATH"' if name == "GEM_PATH" else f'"${{{name}:+:${name}}}"'
            yield f"export {name}={':'.join(words)}{before}"


def mounted(config, file_systems):
    """The variables that name paths on a file system, as assignments of the start script."""
    variables = (config.get("Environment") or {}).get("Variables") or {}
    for mount in config.get("FileSystemConfigs") or []:
        directory = file_systems / mount["Arn"].rsplit("/", 1)[-1]
        directory.mkdir(parents=True, exist_ok=True)
        at_mount = re.compile(rf"(^|:){re.escape(mount['LocalMountPath'])}(?=[/:]|$)")
        for name, value in variables.items():
            changed = at_mount.sub(lambda found: found.group(1) + str(directory), value)
            if changed != value:
                yield f"export {name}={shlex.quote(changed)}"


def start_script(config, packages, file_systems):
    """The bootstrap that runs a function by its runtime client; None where the zip has its own."""
    runtime = config.get("Runtime") or ""
    by = client(runtime, packages)
    if by is None:
        return None
    zips = filter(None, map(lambda_svc._resolve_layer_zip, config.get("Layers") or []))
    layers = [lambda_svc._docker_extracted_dir(contents, "layer") for contents in zips]
    endpoint = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    lines = [
        "#!/bin/sh",
        'export AWS_LAMBDA_LOG_GROUP_NAME="/aws/lambda/$AWS_LAMBDA_FUNCTION_NAME"',
        "export AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
        f"export AWS_EXECUTION_ENV=AWS_Lambda_{runtime}",
        f'export LAMBDA_RUNTIME_DIR={shlex.quote(str(HERE))}',
        f'export AWS_ENDPOINT_URL="${{AWS_ENDPOINT_URL:-{endpoint}}}"',
        *mounted(config, file_systems),
        *search_paths(runtime, layers, by.paths),
        f'exec {shlex.join(by.command)} "$_HANDLER"',
    ]
    return "\n".join(lines) + "\n"


def with_bootstrap(code, script):
    """The zip with `bootstrap` replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(code)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename != "bootstrap":
                new.writestr(entry, old.read(entry))
        bootstrap = zipfile.ZipInfo("bootstrap", EPOCH)
        bootstrap.external_attr = 0o755 << 16
        new.writestr(bootstrap, script)
    return target.getvalue()


def use_runtime_clients(packages, file_systems):
    """Makes MiniStack run every function as it runs those with a bootstrap. `packages` is start.py's `functions`, and
    access points are directories of `file_systems`."""

    class Worker(lambda_runtime.ProvidedWorker):
        def __init__(self, name, config, code):
            script = start_script(config, packages, file_systems)
            super().__init__(name, config, code if script is None else with_bootstrap(code, script))

        def invoke(self, event, request_id, *, trace_id=None, invoked_function_arn=None, **_):
            return super().invoke(event, request_id, trace_id=trace_id, invoked_function_arn=invoked_function_arn)

    lambda_runtime._worker_class_for = lambda config: Worker

    invalidate_worker = lambda_svc.invalidate_worker

    def invalidate_own_worker(name, qualifier=None, account=None, region=None):
        """Ends what runs a function of this account alone, where MiniStack ends those of that name in all accounts."""
        invalidate_worker(name, qualifier, account or get_account_id(), region or get_region())

    lambda_svc.invalidate_worker = invalidate_own_worker

    def routed(otherwise):
        def execute(function, event, request_id, *others, **named):
            config = function.get("config") or function
            zipped = config.get("PackageType", "Zip") == "Zip"
            if zipped and not lambda_svc._durable_ctx.get() and client(config.get("Runtime") or "", packages):
                return lambda_svc._execute_function_provided_warm(function, event, request_id)
            return otherwise(function, event, request_id, *others, **named)

        return execute

    lambda_svc._execute_function_warm = routed(lambda_svc._execute_function_warm)
    lambda_svc._execute_function_docker = routed(lambda_svc._execute_function_docker)
