-- SPDX-License-Identifier: LGPL-2.1-or-later
-- What stands behind ServerURL in an enrollment profile, empty for nothing: in access_token from the first fetch on, in
-- enrollment from Authenticate on. Devices take no other ServerURL later. Profiles from before had nothing there.

ALTER TABLE access_token ADD COLUMN enroll_reference TEXT NOT NULL DEFAULT '';
ALTER TABLE enrollment ADD COLUMN enroll_reference TEXT NOT NULL DEFAULT '';
