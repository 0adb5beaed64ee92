"""What a tree holds, and the parts that it comes in."""

import json

from call import Refused

# The version of the manifest that this understands.
FORMAT = 1
# How large a part may be, in bytes.
MAX_PART = 256 << 20


def is_digest(text):
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")


def names_along(path, cause):
    """The names along a path that leads down and nowhere else."""
    names = path.split("/") if isinstance(path, str) else [""]
    if "\0" in str(path) or any(name in ("", ".", "..") for name in names):
        raise Refused(cause, f"{path!r} does not lead down")
    return names


class Manifest:
    """What a tree holds, checked: nothing in it leads out of the tree."""

    def __init__(self, data):
        try:
            document = json.loads(data)
            if document["format"] != FORMAT:
                raise Refused("manifest", f"its format {document['format']} is not {FORMAT}")
            self.directories, self.files, self.links = [], [], []
            self.parts = [(part["sha256"], part["size"]) for part in document["parts"]]
            self.read_entries(document["entries"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Refused("manifest", f"it is malformed: {error!r}") from None
        for digest, size in self.parts:
            if not is_digest(digest) or not isinstance(size, int) or not 0 < size <= MAX_PART:
                raise Refused("manifest", f"the part {digest!r} of {size!r} bytes cannot be")
        self.total = sum(size for _, size in self.parts)
        if self.total != sum(size for _, size, _ in self.files):
            raise Refused("manifest", "its parts are not its files")

    def read_entries(self, entries):
        last, known = b"", set()
        for entry in entries:
            path, kind = entry["path"], entry["kind"]
            names = names_along(path, "manifest")
            # In order, so no name is there twice, and a directory comes before what is in it.
            if path.encode() <= last:
                raise Refused("manifest", f"{path!r} is out of order")
            last = path.encode()
            if len(names) > 1 and "/".join(names[:-1]) not in known:
                raise Refused("manifest", f"{path!r} is in no directory")
            if kind == "directory":
                known.add(path)
                self.directories.append(path)
            elif kind == "file":
                size = entry["size"]
                if not isinstance(size, int) or size < 0:
                    raise Refused("manifest", f"{path!r} cannot have {size!r} bytes")
                self.files.append((path, size, 0o755 if entry["executable"] else 0o644))
            elif kind == "link":
                target = entry["target"]
                if not isinstance(target, str) or not target or target.startswith("/") or "\0" in target:
                    raise Refused("manifest", f"the link {path!r} leads out of the tree")
                self.links.append((path, target))
            else:
                raise Refused("manifest", f"{path!r} is of an unknown kind")

    def spans(self):
        """For each part the places of its bytes, one after the other: path, offset, length, mode."""
        files = ((path, size, mode) for path, size, mode in self.files if size)
        path, size, mode, offset = None, 0, 0, 0
        for _, left in self.parts:
            places = []
            while left:
                if offset == size:
                    (path, size, mode), offset = next(files), 0
                length = min(left, size - offset)
                places.append((path, offset, length, mode))
                offset, left = offset + length, left - length
            yield places
