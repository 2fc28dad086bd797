#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-others-folder.py BUILD [TEST…]: doorctl, run by root, in a folder that belongs to the service's user.

Whoever has that user must not reach by it what is root's. Needs root and a database in a file.
"""

import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402
from stage import Stage, StageError  # noqa: E402

OTHER = 65534  # nobody
MAGIC = bytes.fromhex("d9d505f920a163d7")  # sqlite.org/fileformat2.html, "The Rollback Journal"
SECTOR, PAGE = 512, 4096


def make_stage():
    if os.geteuid() != 0:
        raise tap.Skip("only root can run it as root")
    os.setgroups([0])  # as root has it by signing in
    os.environ["DOORWARD_TEST_DATABASE"] = "sqlite"
    return Stage(sys.argv[1], idp=False)


class Place:
    """The state folder as the package makes it, the server stopped, and a file of root's beside it."""

    def __init__(self, stage):
        self.stage = stage
        stage.folder.chmod(0o755)
        self.database = stage.folder / "state/doorward.db"
        self.victim = stage.folder / "root-only"
        self.victim.unlink(missing_ok=True)
        stage.server.stop()

    def give_away(self):
        for path in (self.stage.folder / "state", *(self.stage.folder / "state").iterdir()):
            os.chown(path, OTHER, OTHER, follow_symlinks=False)

    def list_devices(self):
        try:
            self.stage.doorctl("device", "list")
        except StageError:
            return False
        return True

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        for path in (self.stage.folder / "state", *(self.stage.folder / "state").iterdir()):
            os.chown(path, 0, 0, follow_symlinks=False)
        self.stage.start_server()


def test_root_works_there_and_takes_nothing_over(stage):
    with Place(stage) as place:
        place.give_away()
        assert place.list_devices()
        stage.doorctl("apns", "request", stage.folder / "request.pem")  # sealed with the state key of the other
        assert stage.rows("SELECT count(*) FROM push_request") == [(1,)]
        (stage.folder / "state/state.key").unlink()
        assert stage.doorctl_json("state-key", "replace")["lost"] == ["push-key"]
        owners = {path.name: path.stat().st_uid for path in (stage.folder / "state").iterdir()}
        assert set(owners.values()) == {OTHER}, owners


def test_a_journal_removes_nothing_of_roots(stage):
    with Place(stage) as place:
        place.victim.write_text("root's\n")
        name = str(place.victim).encode()
        head = MAGIC + struct.pack(">IIIII", 0, 0, place.database.stat().st_size // PAGE, SECTOR, PAGE)
        journal = head.ljust(SECTOR, b"\0") + struct.pack(">I", 0x40000000 // PAGE + 1) + name
        journal += struct.pack(">II", len(name), sum(name)) + MAGIC
        for beside in ("-wal", "-shm"):
            pathlib.Path(f"{place.database}{beside}").unlink(missing_ok=True)
        pathlib.Path(f"{place.database}-journal").write_bytes(journal)
        place.give_away()
        place.list_devices()
        assert place.victim.read_text() == "root's\n"


def test_a_link_makes_and_changes_nothing_of_roots(stage):
    with Place(stage) as place:
        kept = place.database.with_suffix(".kept")
        for there in (True, False):
            if there:
                place.victim.write_text("root's\n")
                place.victim.chmod(0o644)
            else:
                place.victim.unlink()
            place.database.rename(kept)
            place.database.symlink_to(place.victim)
            place.give_away()
            assert not place.list_devices()
            assert place.victim.exists() == there
            assert not there or place.victim.stat().st_mode & 0o777 == 0o644
            kept.rename(place.database)


def test_a_key_that_only_root_may_read_is_not_read(stage):
    """A link in the place of the key would have root's secrets seal and open for the other."""
    with Place(stage) as place:
        key, kept = stage.folder / "state/state.key", stage.folder / "root.key"
        key.rename(kept)
        os.chown(kept, 0, 0)
        key.symlink_to(kept)
        place.give_away()
        findings = {f["id"]: f for f in stage.doorctl_json("doctor", expect=None)["findings"]}
        assert findings["state-key"]["state"] == "fail", findings["state-key"]
        key.unlink()
        kept.rename(key)


def test_a_folder_behind_a_link_is_nobody_elses(stage):
    """A link that the other made leads to a folder of root's: what is made there would be root's word."""
    with Place(stage) as place:
        target, link = stage.folder / "root-folder", stage.folder / "state/link"
        target.mkdir()
        target.chmod(0o770)  # root's group is not the other's either
        link.symlink_to(target)
        place.give_away()
        text = (stage.folder / "doorward.conf").read_text()
        (stage.folder / "doorward.conf").write_text(text.replace(str(place.database), str(link / "doorward.db")))
        assert not place.list_devices()
        assert not list(target.iterdir())
        (stage.folder / "doorward.conf").write_text(text)
        link.unlink()


def test_roots_own_link_leads_no_further_than_its_folder(stage):
    """Root's link leads into the other's folder, where the other has put a link back into root's."""
    with Place(stage) as place:
        target, roots = stage.folder / "root-target", stage.folder / "roots-link"
        theirs = stage.folder / "state/data"
        target.mkdir()
        target.chmod(0o770)
        copy = target / "doorward.db"
        copy.write_bytes(place.database.read_bytes())
        before = copy.stat()
        theirs.symlink_to(target)
        roots.symlink_to("state/data")
        place.give_away()
        text = (stage.folder / "doorward.conf").read_text()
        (stage.folder / "doorward.conf").write_text(text.replace(str(place.database), str(roots / "doorward.db")))
        assert not place.list_devices()
        assert [path.name for path in target.iterdir()] == ["doorward.db"]
        assert (copy.stat().st_mtime_ns, copy.stat().st_uid) == (before.st_mtime_ns, 0)
        (stage.folder / "doorward.conf").write_text(text)
        roots.unlink()
        theirs.unlink()


if __name__ == "__main__":
    sys.exit(tap.run_on(make_stage, sys.modules[__name__]))
