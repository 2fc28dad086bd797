-- SPDX-License-Identifier: LGPL-2.1-or-later
-- That a device waits in Setup Assistant is told by device_setup alone: finished_at is 0. One that began to wait before
-- there was that table is looked at as one that nobody has prepared.

INSERT INTO device_setup (enrollment_id, begun_at, prepared_at, due_at, account_name, admin_name, sealed_admin_password,
  releases, finished_at, outcome)
SELECT id, awaiting_since, 0, awaiting_since, '', '', '', 0, 0, '' FROM enrollment
WHERE awaiting_since > 0 AND released_at = 0 AND ended_at = 0
ON CONFLICT (enrollment_id) DO NOTHING;

DROP INDEX enrollment_awaiting;
ALTER TABLE enrollment DROP COLUMN awaiting_since;
ALTER TABLE enrollment DROP COLUMN released_at;
