"""Puts a tree of files on the file system that this function mounts, out of parts in S3.

A call says which tree and where, copies for as long as it is allowed to, and answers how far it is. Nothing is kept in
memory between calls: any of them may be killed, lost or doubled, and the next goes on with what stands on the mount.

    MOUNT/etl/model/1.0 -> ../../.tc/ID/DIGEST    what functions open: a link, changed by one rename
    MOUNT/.tc/ID/                                 ID is made of the path
        path             the path, for people
        lock             held while a tree is put into its place
        previous         the digest of the tree before the current one
        DIGEST/          a tree; whole, since a draft gets this name when it is
        DIGEST.draft/    manifest.json, tree/, copied/N for each part in it; checked, finished: how many parts were read
                         back, and how many entries were looked at
        removed-*        what is being removed

Parts are verified before anything of them is written, and are written to the same places whoever does it. So two calls
at a time do the same work twice and no harm. Only the last step needs the lock.
"""

import contextlib
import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from call import Clock, OutOfTime, Refused, Wanting
from draft import Draft
from manifest import is_digest
from place import Place
from source import PARTS_AT_ONCE, Source

# How many files are under way at once. Of small files each takes some round trips.
FILES_AT_ONCE = 16
# What is left of the function's own time when a call stops beginning things, in seconds: what is begun takes less.
RESERVE = 120
# What comes of two calls at a time.
OF_ANOTHER_CALL = (errno.EEXIST, errno.ENOENT, errno.ENOTEMPTY)
# What a file system refuses for reasons of its own.
OF_THE_MOUNT = (
    errno.EACCES,
    errno.EDQUOT,
    errno.EIO,
    errno.ENAMETOOLONG,
    errno.ENOLCK,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
)

os.umask(0o022)


def publish(place, digest, source, clock, answer):
    """As much as there is time for. `answer` says how far it is."""
    with ThreadPoolExecutor(PARTS_AT_ONCE) as parts, ThreadPoolExecutor(FILES_AT_ONCE) as files:
        if not place.standing(digest).is_dir():
            draft = Draft(place, digest, source, clock)
            draft.open()
            total = draft.manifest.total
            answer.update(state="copying", total=total)
            try:
                draft.copy(parts, files)
                answer["state"] = "checking"
                draft.check(parts, files)
                draft.finish(files)
            finally:
                with contextlib.suppress(OSError):
                    answer["bytes"] = draft.bytes_of(draft.done())
                    answer["checked"] = draft.bytes_of(range(draft.noted("checked")))
        answer["state"] = "switching"
        with place.lock():
            if not place.standing(digest).is_dir():
                os.rename(place.home / f"{digest}.draft" / "tree", place.standing(digest))
            place.check()
            place.switch(digest)
            place.set_aside(digest)
        answer["state"] = "cleaning"
        place.clean(clock, files)
    answer["state"] = "done"


def handler(event, context):
    """`look` says whether a tree is the current one, `copy` makes it that."""
    answer = {"state": "absent", "bytes": 0, "total": 0}
    try:
        digest = event["manifest"]
        if not is_digest(digest):
            raise Refused("manifest", f"{digest!r} is no digest")
        place = Place(Path(os.environ["MOUNT"]), event["path"])
        place.check()
        if event["action"] == "look":
            if place.current() == digest and place.standing(digest).is_dir():
                answer["state"] = "done"
            return answer
        left = context.get_remaining_time_in_millis() / 1000 - RESERVE
        clock = Clock(min(event["seconds"], left))
        publish(place, digest, Source(event["bucket"], event["owner"]), clock, answer)
    except OutOfTime:
        pass
    except Wanting as wanting:
        answer.update(state="wanting", object=str(wanting))
    except Refused as refused:
        answer.update(state="refused", cause=refused.cause, reason=str(refused))
    except OSError as error:
        # Another call has put the tree into its place and the draft away, or is removing it. The next call sees that.
        if error.errno in OF_ANOTHER_CALL:
            answer["reason"] = str(error)
            return answer
        if error.errno not in OF_THE_MOUNT:
            raise
        answer.update(state="refused", cause="mount", reason=str(error))
    return answer
