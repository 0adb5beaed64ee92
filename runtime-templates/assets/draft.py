"""A tree that is being made."""

import contextlib
import hashlib
import os
import shutil
import stat

from call import Refused
from files import digest_of, make_parents, open_file, write_span, write_whole
from manifest import Manifest
from source import PARTS_AT_ONCE

# How large a manifest may be, in bytes: it is held in memory.
MAX_MANIFEST = 128 << 20
# After how many entries it is noted that they were looked at.
ENTRIES_AT_ONCE = 1000


class Draft:
    """A tree that is being made."""

    def __init__(self, place, digest, source, clock):
        self.place, self.digest, self.source, self.clock = place, digest, source, clock
        self.home = place.home / f"{digest}.draft"
        self.tree, self.copied = self.home / "tree", self.home / "copied"

    def open(self):
        """Begins the draft, or finds it."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.tree.is_dir():
            # The tree had got its place and was removed from there: what was noted of it is no more true.
            for note in ("checked", "finished"):
                (self.home / note).unlink(missing_ok=True)
            shutil.rmtree(self.copied, ignore_errors=True)
        for directory in (self.tree, self.copied):
            directory.mkdir(exist_ok=True)
        kept = self.home / "manifest.json"
        data = kept.read_bytes() if kept.exists() else None
        if data is None or hashlib.sha256(data).hexdigest() != self.digest:
            data = self.source.read(self.digest, "json", MAX_MANIFEST)
            self.manifest = Manifest(data)
            write_whole(kept, data)
        else:
            self.manifest = Manifest(data)
        self.spans = list(self.manifest.spans())

    def done(self):
        """The parts that were copied."""
        return {int(name) for name in os.listdir(self.copied)}

    def bytes_of(self, parts):
        return sum(self.manifest.parts[part][1] for part in parts if part < len(self.manifest.parts))

    def copy_part(self, number, files):
        digest, size = self.manifest.parts[number]
        data, start, jobs = memoryview(self.source.read(digest, "part", size)), 0, []
        if len(data) != size:
            raise Refused("manifest", f"the part {digest} has not {size} bytes")
        for path, offset, length, mode in self.spans[number]:
            jobs.append(files.submit(write_span, self.tree, path, offset, mode, data[start : start + length]))
            start += length
        for job in jobs:
            job.result()
        # Only now, with all of it on the file system.
        os.close(os.open(self.copied / str(number), os.O_WRONLY | os.O_CREAT, 0o644))

    def copy(self, parts, files):
        """Copies what is not yet there. At least one part a call, or there would be no end."""
        done = self.done()
        wanted = [number for number in range(len(self.manifest.parts)) if number not in done]
        for first in range(0, len(wanted), PARTS_AT_ONCE):
            if first:
                self.clock.check()
            list(parts.map(lambda number: self.copy_part(number, files), wanted[first : first + PARTS_AT_ONCE]))

    def noted(self, name):
        """How many of something are done, in their order."""
        with contextlib.suppress(OSError, ValueError):
            return int((self.home / name).read_text())
        return 0

    def in_order(self, name, count, step, do):
        """Does `step` of `count` things at a time, from where it was left. At least once a call."""
        start = self.noted(name)
        for first in range(start, count, step):
            if first > start:
                self.clock.check()
            last = min(first + step, count)
            do(first, last)
            write_whole(self.home / name, str(last).encode())

    def check_part(self, number, files):
        """Reads a part back. One that is wrong is copied again, once."""
        for attempt in (1, 2):
            if digest_of(self.tree, self.spans[number]) == self.manifest.parts[number][0]:
                return
            if attempt == 1:
                self.copy_part(number, files)
        raise Refused("damaged", f"part {number} reads otherwise than it was written")

    def check(self, parts, files):
        def check_parts(first, last):
            list(parts.map(lambda number: self.check_part(number, files), range(first, last)))

        self.in_order("checked", len(self.spans), PARTS_AT_ONCE, check_parts)

    def finish(self, files):
        """Makes what no part has, and looks at every entry: directories, empty files, links."""

        def finish_directory(path):
            make_parents(self.tree, f"{path}/x")

        def finish_file(entry):
            path, size, mode = entry
            if size == 0:
                os.close(open_file(self.tree, path, mode))
            found = os.lstat(self.tree / path)
            if not stat.S_ISREG(found.st_mode) or found.st_size != size:
                raise Refused("damaged", f"`{path}` is not what was written")
            if stat.S_IMODE(found.st_mode) != mode:
                os.chmod(self.tree / path, mode)

        def finish_link(link):
            path, target = link
            make_parents(self.tree, path)
            with contextlib.suppress(FileExistsError):
                os.symlink(target, self.tree / path)
            if os.readlink(self.tree / path) != target:
                raise Refused("damaged", f"`{path}` is another link")

        manifest = self.manifest
        entries = [(finish_directory, path) for path in manifest.directories]
        entries += [(finish_file, file) for file in manifest.files]
        entries += [(finish_link, link) for link in manifest.links]

        def finish_entries(first, last):
            list(files.map(lambda entry: entry[0](entry[1]), entries[first:last]))

        self.in_order("finished", len(entries), ENTRIES_AT_ONCE, finish_entries)
        # A chain of links may lead where none of them seems to, so only the file system can tell.
        root = os.path.realpath(self.tree)
        for path, _ in manifest.links:
            to = os.path.realpath(self.tree / path)
            if not to.startswith(root + "/") or not os.path.exists(to):
                raise Refused("manifest", f"the link {path!r} leads out of the tree, or nowhere")
