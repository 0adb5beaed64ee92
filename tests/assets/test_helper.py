"""The helper's own code against a directory in place of its mount, and objects of a directory in place of S3's.

    python3 tests/assets/test_helper.py

Needs boto3. Calls run in processes of their own, which are killed at each operation on the file system in turn.
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import traceback
import unittest

CODE = pathlib.Path(__file__).resolve().parents[2] / "runtime-templates" / "assets"
sys.path.insert(0, str(CODE))
sys.dont_write_bytecode = True

import files  # noqa: E402
import handler  # noqa: E402
import source  # noqa: E402
from botocore.exceptions import ClientError, ConnectTimeoutError  # noqa: E402

MEMORY = "/dev/shm"
PATH = "etl/model/1.0"
# What a killed or doubled call may be in the middle of.
OPERATIONS = "mkdir open pwrite fsync rename symlink unlink rmdir close".split()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Context:
    def get_remaining_time_in_millis(self):
        return 900_000


class Objects:
    """S3's part in this: objects by their keys."""

    def __init__(self):
        self.held, self.asked = {}, []

    def get_object(self, Bucket, Key, ExpectedBucketOwner):
        self.asked.append(Key)
        found = self.held.get(Key)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "absent"}}, "GetObject")
        return {"Body": io.BytesIO(found)}


class Tree:
    """A tree of files (bytes), links (text) and directories (None), in parts of a few bytes."""

    def __init__(self, entries, part=7):
        self.entries = entries
        data = b"".join(entries[path] for path in self.paths() if isinstance(entries[path], bytes))
        self.parts = [data[at : at + part] for at in range(0, len(data), part)]
        self.document = {
            "format": 1,
            "entries": [self.entry(path, entries[path]) for path in self.paths()],
            "parts": [{"sha256": sha256(part), "size": len(part)} for part in self.parts],
        }

    def paths(self):
        return sorted(self.entries, key=str.encode)

    def entry(self, path, what):
        if what is None:
            return {"path": path, "kind": "directory"}
        if isinstance(what, str):
            return {"path": path, "kind": "link", "target": what}
        executable = path.endswith(".sh")
        return {"path": path, "kind": "file", "size": len(what), "executable": executable, "sha256": sha256(what)}

    def upload(self, objects):
        """Puts it into the bucket and gives its digest."""
        manifest = json.dumps(self.document).encode()
        objects.held[f"assets/{sha256(manifest)}.json"] = manifest
        objects.held.update({f"assets/{sha256(part)}.part": part for part in self.parts})
        return sha256(manifest)


def read(root):
    """What stands in a directory, in the form that a Tree is made of."""
    found = {}
    for directory, directories, names in os.walk(root):
        for name in directories + names:
            path = os.path.join(directory, name)
            key = os.path.relpath(path, root)
            if os.path.islink(path):
                found[key] = os.readlink(path)
            else:
                found[key] = None if os.path.isdir(path) else pathlib.Path(path).read_bytes()
    return found


FIRST = Tree(
    {"a": None, "a/x": b"0123456789" * 3, "a/y.sh": b"run", "empty": b"", "none": None, "l": "a/x", "z": b"end"}
)
SECOND = Tree({"a": None, "a/x": b"9876543210" * 3, "b": None, "b/up": "../a", "n": b"new"})
THIRD = Tree({"only": b"third"})


class HelperTest(unittest.TestCase):
    def setUp(self):
        # In memory where that can be: each operation waits for the disk otherwise.
        self.place = tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None)
        self.addCleanup(self.place.cleanup)
        self.mount = pathlib.Path(self.place.name) / "mount"
        self.mount.mkdir()
        self.objects = Objects()
        source.boto3.client = lambda *_, **__: self.objects
        os.environ["MOUNT"] = str(self.mount)

    def call(self, digest, path=PATH, action="copy", seconds=60):
        event = {"action": action, "bucket": "b", "owner": "1", "manifest": digest, "path": path, "seconds": seconds}
        return handler.handler(event, Context())

    def publish(self, tree, **others):
        digest = tree.upload(self.objects)
        answer = self.call(digest, **others)
        self.assertEqual(answer["state"], "done", answer)
        return digest

    def in_child(self, do):
        """Does something in a process of its own and gives how that ended: a signal, or 0."""
        child = os.fork()
        if child == 0:
            try:
                do()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(1)
        return child

    def ended(self, child):
        _, status = os.waitpid(child, 0)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def killed_at(self, number, digest, seconds=60):
        """Calls the helper in a process that kills itself before an operation; whether it came to that."""

        def do():
            left = [number]

            def counted(original):
                def operation(*arguments, **named):
                    left[0] -= 1
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return original(*arguments, **named)

                return operation

            for name in OPERATIONS:
                setattr(os, name, counted(getattr(os, name)))
            # One thread, so that the operations come in one order.
            handler.FILES_AT_ONCE = handler.PARTS_AT_ONCE = 1
            answer = self.call(digest, seconds=seconds)
            # A call that was short of time has to be followed by others.
            if seconds and answer["state"] != "done":
                raise AssertionError(answer)

        ended = self.ended(self.in_child(do))
        self.assertIn(ended, (0, signal.SIGKILL))
        return ended == signal.SIGKILL

    def home(self, path=PATH):
        return self.mount / ".tc" / sha256(path.encode())[:32]

    def assert_stands(self, tree, path=PATH):
        self.assertEqual(read(self.mount / path), tree.entries)

    def test_a_tree_is_put_in_its_place(self):
        digest = self.publish(FIRST)
        self.assert_stands(FIRST)
        self.assertFalse(os.path.isabs(os.readlink(self.mount / PATH)))
        self.assertEqual((self.mount / PATH / "a/y.sh").stat().st_mode & 0o777, 0o755)
        self.assertEqual((self.mount / PATH / "a/x").stat().st_mode & 0o777, 0o644)
        self.assertEqual(self.call(digest, action="look")["state"], "done")
        self.assertEqual(self.call("0" * 64, action="look")["state"], "absent")
        # Beside it nothing is left but what is known.
        self.assertEqual({entry.name for entry in self.home().iterdir()}, {"path", "lock", digest})

    def test_a_call_that_is_killed_anywhere_is_made_good_by_the_next(self):
        old, new = SECOND.upload(self.objects), FIRST.upload(self.objects)
        number, kills = 0, 0
        while True:
            number += 1
            shutil.rmtree(self.mount)
            self.mount.mkdir()
            self.assertEqual(self.call(old)["state"], "done")
            if not self.killed_at(number, new):
                break
            kills += 1
            # Whoever reads meanwhile sees the one tree or the other.
            self.assertIn(read(self.mount / PATH), (FIRST.entries, SECOND.entries), number)
            self.assertEqual(self.call(new)["state"], "done", number)
            self.assert_stands(FIRST)
            self.assertEqual({entry.name for entry in self.home().iterdir()}, {"path", "lock", "previous", old, new})
        self.assertGreater(kills, 100)

    def test_calls_that_are_all_killed_come_to_an_end(self):
        digest, calls = FIRST.upload(self.objects), 1
        while self.killed_at(30, digest):
            calls += 1
            self.assertLess(calls, 50)
        self.assertGreater(calls, 2)
        self.assert_stands(FIRST)

    def test_calls_without_time_come_to_an_end(self):
        digest, answers = FIRST.upload(self.objects), []
        while not answers or answers[-1]["state"] != "done":
            answers.append(self.call(digest, seconds=0))
            self.assertLess(len(answers), 50)
        self.assertGreater(len(answers), 3)
        told = [answer["bytes"] for answer in answers if answer["state"] == "copying"]
        self.assertEqual(told, sorted(told))
        self.assert_stands(FIRST)

    def test_doubled_calls_do_no_harm(self):
        for tree in (FIRST, SECOND, THIRD):
            digest = tree.upload(self.objects)
            children = [self.in_child(lambda: self.call(digest)) for _ in range(4)]
            self.assertEqual({self.ended(child) for child in children}, {0})
            self.assertEqual(self.call(digest)["state"], "done")
            self.assert_stands(tree)

    def test_different_trees_at_once_end_with_one_of_them_whole(self):
        digests = [tree.upload(self.objects) for tree in (FIRST, SECOND, THIRD)]
        children = [self.in_child(lambda digest=digest: self.call(digest)) for digest in digests]
        self.assertEqual({self.ended(child) for child in children}, {0})
        self.assertIn(read(self.mount / PATH), [tree.entries for tree in (FIRST, SECOND, THIRD)])
        self.assertEqual(self.call(digests[0])["state"], "done")
        self.assert_stands(FIRST)

    def test_one_older_tree_is_kept_and_come_back_to_without_a_copy(self):
        first, second = self.publish(FIRST), self.publish(SECOND)
        self.assertTrue((self.home() / first).is_dir())
        third = self.publish(THIRD)
        self.assertFalse((self.home() / first).exists())
        self.objects.held.clear()
        self.objects.asked.clear()
        self.assertEqual(self.call(second)["state"], "done")
        self.assertEqual(self.objects.asked, [])
        self.assert_stands(SECOND)
        self.assertEqual((self.home() / "previous").read_text(), third)

    def test_a_tree_that_lost_its_place_is_copied_again(self):
        digest = self.publish(FIRST)
        shutil.rmtree(self.home() / digest)
        self.assertEqual(self.call(digest, action="look")["state"], "absent")
        self.assertEqual(self.call(digest)["state"], "done")
        self.assert_stands(FIRST)
        # Removed before it was switched to, with its draft's notes still there.
        second = SECOND.upload(self.objects)
        while self.call(second, seconds=0)["state"] == "copying":
            pass
        shutil.rmtree(self.home() / f"{second}.draft" / "tree")
        self.assertEqual(self.call(second)["state"], "done")
        self.assert_stands(SECOND)

    def test_what_is_damaged_on_the_file_system_is_copied_again(self):
        digest = FIRST.upload(self.objects)
        while self.call(digest, seconds=0)["state"] == "copying":
            pass
        damaged = self.home() / f"{digest}.draft" / "tree" / "z"
        damaged.write_bytes(b"bad")
        self.assertEqual(self.call(digest)["state"], "done")
        self.assert_stands(FIRST)

    def test_objects_that_are_missing_or_damaged_are_asked_for(self):
        digest = FIRST.upload(self.objects)
        part = sha256(FIRST.parts[1])
        for wrong in (None, b"other", FIRST.parts[1] + b"more"):
            self.objects.held[f"assets/{part}.part"] = wrong
            answer = self.call(digest)
            self.assertEqual((answer["state"], answer["object"]), ("wanting", part))
        self.assertFalse((self.mount / PATH).exists())
        self.objects.held.pop(f"assets/{digest}.json")
        (self.home() / f"{digest}.draft" / "manifest.json").write_text("{}")
        self.assertEqual(self.call(digest)["object"], digest)
        self.publish(FIRST)
        self.assert_stands(FIRST)

    def refused(self, digest, path=PATH):
        answer = self.call(digest, path=path)
        self.assertEqual(answer["state"], "refused", answer)
        return answer["cause"], answer["reason"]

    def test_what_s3_refuses_is_told_apart(self):
        digest = FIRST.upload(self.objects)
        key = f"assets/{digest}.json"
        self.objects.held[key] = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
        self.assertEqual(self.refused(digest)[0], "denied")
        self.objects.held[key] = ConnectTimeoutError(endpoint_url="https://s3")
        self.assertEqual(self.refused(digest)[0], "network")

    def test_manifests_that_lead_out_of_the_tree_are_refused(self):
        file = {"kind": "file", "size": 0, "executable": False, "sha256": sha256(b"")}
        directory, link = {"kind": "directory"}, {"kind": "link"}
        outside = self.mount.parent / "outside"
        outside.write_text("untouched")
        for entries, reason in (
            ([{"path": "../outside", **file}], "does not lead down"),
            ([{"path": "/etc/x", **file}], "does not lead down"),
            ([{"path": "a//b", **file}], "does not lead down"),
            ([{"path": "a/./b", **file}], "does not lead down"),
            ([{"path": "a\0b", **file}], "does not lead down"),
            ([{"path": 7, **file}], "does not lead down"),
            ([{"path": "b", **file}, {"path": "a", **file}], "out of order"),
            ([{"path": "a", **directory}, {"path": "a", **file}], "out of order"),
            ([{"path": "a/b", **file}], "in no directory"),
            ([{"path": "a", **file}, {"path": "a/b", **file}], "in no directory"),
            ([{"path": "a", "target": "..", **link}, {"path": "a/b", **file}], "in no directory"),
            ([{"path": "a", "target": "/etc", **link}], "leads out of the tree"),
            ([{"path": "a", "target": "../../../../outside", **link}], "leads out of the tree"),
            ([{"path": "a", "target": "b", **link}], "nowhere"),
            (
                # Neither leads out as text: the second climbs from where the first has led.
                [
                    {"path": "p", **directory},
                    {"path": "p/q", **directory},
                    {"path": "p/q/b", "target": "../../top", **link},
                    {"path": "p/q/c", "target": "b/../..", **link},
                    {"path": "top", **directory},
                ],
                "leads out of the tree",
            ),
            ([{"path": "a", "kind": "device"}], "unknown kind"),
            ([{"path": "a", **file, "size": -1}], "cannot have"),
            ([{"path": "a", **file, "size": 1}], "its parts are not its files"),
            ([{"path": "a"}], "malformed"),
        ):
            tree = Tree({})
            tree.document["entries"] = entries
            digest = tree.upload(self.objects)
            cause, said = self.refused(digest)
            self.assertEqual(cause, "manifest", said)
            self.assertIn(reason, said)
            self.assertFalse((self.mount / PATH).exists())
        self.assertEqual(outside.read_text(), "untouched")
        bad_part = {"format": 1, "entries": [], "parts": [{"sha256": "x", "size": 1}]}
        for document in ([], {"format": 2}, bad_part, 7, None):
            tree = Tree({})
            tree.document = document
            self.assertEqual(self.refused(tree.upload(self.objects))[0], "manifest")

    def test_paths_that_lead_elsewhere_are_refused(self):
        digest = FIRST.upload(self.objects)
        for path in ("", "/etc", "../x", "a/../b", "a//b", ".", ".tc/x", "a\0"):
            self.assertEqual(self.refused(digest, path)[0], "path", path)
        answer = self.call("../" + digest[3:])
        self.assertEqual((answer["state"], answer["cause"]), ("refused", "manifest"))

    def test_what_tc_did_not_put_there_stays(self):
        digest = FIRST.upload(self.objects)
        (self.mount / "by").mkdir()
        (self.mount / "by/hand").mkdir()
        (self.mount / "by/link").symlink_to("/etc")
        (self.mount / "by/file").write_text("x")
        for path in ("by/hand", "by/link", "by/link/x", "by/file", "by/file/x"):
            self.assertEqual(self.refused(digest, path)[0], "taken", path)
        self.assertEqual(os.readlink(self.mount / "by/link"), "/etc")

    def test_no_asset_lies_within_another(self):
        digest = self.publish(FIRST)
        self.assertEqual(self.refused(digest, f"{PATH}/a/deps")[0], "taken")
        self.assertEqual(self.refused(digest, "etl/model")[0], "taken")
        self.assert_stands(FIRST)

    def test_abandoned_drafts_are_removed_and_others_are_not(self):
        first, second = FIRST.upload(self.objects), SECOND.upload(self.objects)
        self.call(first, seconds=0)
        self.call(second, seconds=0)
        draft = self.home() / f"{second}.draft"
        for path in (draft, draft / "copied"):
            os.utime(path, (0, 0))
        self.publish(THIRD)
        self.assertTrue((self.home() / f"{first}.draft").is_dir())
        self.assertFalse(draft.exists())

    def test_a_part_goes_on_after_an_interrupted_write(self):
        original = os.pwrite
        self.addCleanup(setattr, os, "pwrite", original)
        files.os.pwrite = lambda descriptor, data, offset: original(descriptor, data[:1], offset)
        self.publish(FIRST)
        self.assert_stands(FIRST)


if __name__ == "__main__":
    unittest.main()
