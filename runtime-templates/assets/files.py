"""Writing and reading files of a tree, by whoever does it and however often."""

import contextlib
import hashlib
import os
import uuid
from pathlib import Path


def write_whole(path, data):
    """A file that is whole or absent."""
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with open(beside, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(beside, path)


def make_parents(tree, path):
    """The directories on the way to a file of a tree; never the tree itself, which is gone once it has its place."""
    parents = Path(path).parents
    for parent in reversed(list(parents)[:-1]):
        with contextlib.suppress(FileExistsError):
            os.mkdir(tree / parent)


def open_file(tree, path, mode):
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(tree / path, flags, mode)
    except FileNotFoundError:
        make_parents(tree, path)
        return os.open(tree / path, flags, mode)


def write_span(tree, path, offset, mode, data):
    descriptor = open_file(tree, path, mode)
    try:
        while data:
            written = os.pwrite(descriptor, data, offset)
            offset, data = offset + written, data[written:]
        os.fsync(descriptor)
        # So that what is read back comes from the file system and not from this machine's memory.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def digest_of(tree, spans):
    """The digest of a part as it stands on the file system; None where something of it is missing."""
    digest = hashlib.sha256()
    for path, offset, length, _ in spans:
        try:
            descriptor = os.open(tree / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                while length and (data := os.pread(descriptor, min(length, 1 << 20), offset)):
                    digest.update(data)
                    offset, length = offset + len(data), length - len(data)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return None
    return digest.hexdigest()


def remove(path, clock, pool):
    """Removes a tree, or as much of it as there is time for. Somebody else may be doing the same."""

    def unlink(name):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)

    if os.path.islink(path) or not os.path.isdir(path):
        return unlink(path)
    for directory, directories, files in os.walk(path, topdown=False):
        links = [name for name in directories if os.path.islink(os.path.join(directory, name))]
        list(pool.map(unlink, [os.path.join(directory, name) for name in files + links]))
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(directory)
        clock.check()
