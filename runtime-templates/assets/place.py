"""A path on the mount, and the trees that were put there."""

import contextlib
import fcntl
import hashlib
import os
import time
import uuid

from call import OutOfTime, Refused
from files import remove, write_whole
from manifest import is_digest, names_along

# After how long a draft that nobody finishes is removed, in seconds: the parts in S3 are kept no longer than that.
ABANDONED = 30 * 24 * 3600


class Place:
    """A path on the mount, and the trees that were put there."""

    def __init__(self, mount, path):
        names = names_along(path, "path")
        if names[0] == ".tc":
            raise Refused("path", "`.tc` is where the trees are kept")
        self.mount, self.path = mount, mount.joinpath(*names)
        self.home = mount / ".tc" / hashlib.sha256(path.encode()).hexdigest()[:32]
        self.up = "../" * (len(names) - 1)

    def check(self):
        """Refuses a path that something stands at or across which tc did not put there."""
        for above in reversed(self.path.relative_to(self.mount).parents[:-1]):
            if self.mount.joinpath(above).is_symlink():
                raise Refused("taken", f"`{above}` is itself an asset, whose files cannot be added to")
            if self.mount.joinpath(above).exists() and not self.mount.joinpath(above).is_dir():
                raise Refused("taken", f"`{above}` is a file")
        if os.path.lexists(self.path) and self.current() is None:
            shown = self.path.relative_to(self.mount)
            raise Refused("taken", f"something stands at `{shown}` that tc did not put there")

    def target(self, digest):
        """What the path leads to when a tree is current: no mount point is in it, since functions have their own."""
        return f"{self.up}{self.home.relative_to(self.mount)}/{digest}"

    def current(self):
        """The digest of the tree that the path leads to; None where it does not lead to one of ours."""
        try:
            to, digest = os.readlink(self.path).rsplit("/", 1)
        except (OSError, ValueError):
            return None
        return digest if is_digest(digest) and f"{to}/{digest}" == self.target(digest) else None

    def previous(self):
        with contextlib.suppress(OSError):
            return (self.home / "previous").read_text()
        return None

    def standing(self, digest):
        return self.home / digest

    @contextlib.contextmanager
    def lock(self):
        """Nobody else puts a tree here meanwhile. Who is killed loses it."""
        descriptor = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                raise OutOfTime from None
            yield
        finally:
            os.close(descriptor)

    def switch(self, digest):
        """Makes a tree the current one, by one rename."""
        current = self.current()
        if current == digest:
            return
        write_whole(self.home / "path", str(self.path.relative_to(self.mount)).encode())
        if current is not None:
            write_whole(self.home / "previous", current.encode())
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f".{self.home.name}")
        beside.unlink(missing_ok=True)
        os.symlink(self.target(digest), beside)
        os.rename(beside, self.path)

    def set_aside(self, digest):
        """Takes their names from trees that are no more wanted, so that none is ever found half removed. What is not known
        was left by a call that was killed, since only who holds the lock writes anything else here."""
        keep = {self.current(), self.previous(), "path", "lock", "previous"}
        for entry in list(os.scandir(self.home)):
            name, is_draft = entry.name, entry.name.endswith(".draft")
            if name in keep or name.startswith("removed-"):
                continue
            with contextlib.suppress(FileNotFoundError):
                if is_draft and name != f"{digest}.draft" and time.time() - newest(entry.path) < ABANDONED:
                    continue
                os.rename(entry.path, self.home / f"removed-{uuid.uuid4().hex}")

    def clean(self, clock, pool):
        """Removes what was set aside."""
        for entry in list(os.scandir(self.home)):
            if entry.name.startswith("removed-"):
                remove(entry.path, clock, pool)


def newest(draft):
    """When something was last done to a draft."""
    return max(os.stat(path).st_mtime for path in (draft, os.path.join(draft, "copied")))
