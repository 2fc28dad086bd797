#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""People who use one device: users of a shared iPad, whose channels have their own pushes and commands."""

import pathlib
import plistlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

CONFIG = "\n[enrollment]\nAccountDeviceFamilies=iPad\n"
# who the users of a shared iPad are is told by their short names alone (Apple, TokenUpdate)
SHARED = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"
PATH = "/mdm/apple/account_driven_device_enroll"
ANNA, BEN = "anna.chao@example.test", "ben.okafor@example.test"


class SharedIpad(device.Device):
    """An iPad that is managed as a whole, and its users."""

    def __init__(self, stage, name):
        super().__init__(stage, name)
        self.machine_info = self.sign_machine_info(device.plist(LANGUAGE="en", PRODUCT="iPad13,1", VERSION="22C161"))

    def body(self, message, **more):
        """The same with the name that such a device has."""
        content = plistlib.loads(message)
        content["UDID"] = content.pop("EnrollmentID")
        return device.plist(**content, **more)

    def authenticate_body(self, **more):
        return self.body(super().authenticate_body(ProductName="iPad13,1", SerialNumber="DMQSHARED001", **more))

    def token_update_body(self, **more):
        return self.body(super().token_update_body(**more))

    def idle_body(self, **more):
        return self.body(super().idle_body(**more))

    def user_token_update(self, user, **more):
        return self.put(self.token_update_body(UserID=SHARED, UserShortName=user, UserLongName=user, NotOnConsole=False, **more))

    def ask(self, user=None, **more):
        """A poll or a report, of a user or of the device; gives the command that is answered, None for none."""
        whose = {"UserID": SHARED, "UserShortName": user} if user else {}
        reply = self.put(self.idle_body(**whose, **more), device.COMMAND_TYPE)
        assert reply.status == 200, (reply.status, reply.body)
        return plistlib.loads(reply.body) if reply.body else None


def queue(stage, ipad, *words):
    return stage.doorctl_json("device", "command", ipad.enrollment_id, "ProfileList", *words)["uuid"]


def command(stage, ipad, uuid):
    return stage.doorctl_json("device", "command-show", ipad.enrollment_id, uuid)


def test_users_of_a_shared_ipad(stage):
    """What is queued for one is neither another's nor the device's, and outlives a kill."""
    ipad = SharedIpad(stage, "shared").enroll(PATH)
    assert stage.doorctl_json("device", "show", ipad.enrollment_id)["kind"] == "device"
    for user in (ANNA, BEN):
        assert ipad.user_token_update(user).status == 200
    enrollment, = stage.doorctl_json("device", "show", ipad.enrollment_id)["enrollments"]
    assert sorted(user["user"] for user in enrollment["users"]) == [ANNA, BEN], enrollment
    uuid = queue(stage, ipad, "--user", ANNA)
    stage.restart(signal.SIGKILL)
    assert ipad.ask(BEN) is None and ipad.ask() is None
    got = ipad.ask(ANNA)
    assert got["CommandUUID"] == uuid and got["Command"]["RequestType"] == "ProfileList", got
    assert ipad.ask(ANNA, Status="Acknowledged", CommandUUID=uuid, ProfileList=[]) is None
    assert command(stage, ipad, uuid)["state"] == "acknowledged", command(stage, ipad, uuid)


def test_one_user_does_not_answer_for_another(stage):
    ipad = SharedIpad(stage, "two").enroll(PATH)
    for user in (ANNA, BEN):
        assert ipad.user_token_update(user).status == 200
    uuid = queue(stage, ipad, "--user", ANNA)
    assert ipad.ask(ANNA)["CommandUUID"] == uuid
    assert ipad.ask(BEN, Status="Acknowledged", CommandUUID=uuid, ProfileList=[]) is None
    assert command(stage, ipad, uuid)["state"] == "sent", command(stage, ipad, uuid)
    assert ipad.ask(ANNA, Status="NotNow", CommandUUID=uuid) is None
    assert command(stage, ipad, uuid)["state"] == "not-now", command(stage, ipad, uuid)


def test_users_go_with_their_device(stage):
    ipad = SharedIpad(stage, "gone").enroll(PATH)
    assert ipad.user_token_update(ANNA).status == 200
    assert ipad.put(ipad.body(ipad.check_out_body())).status == 200
    assert ipad.user_token_update(ANNA).status >= 400
    assert ipad.put(ipad.idle_body(UserID=SHARED, UserShortName=ANNA), device.COMMAND_TYPE).status >= 400
    assert stage.rows("SELECT count(*) FROM user_channel u JOIN enrollment e ON e.id = u.enrollment_id "
                      "WHERE e.ended_at <> 0 AND u.ended_at = 0") == [(0,)]


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1], CONFIG), sys.modules[__name__]))
