-- SPDX-License-Identifier: LGPL-2.1-or-later
-- What is done for a device that waits in Setup Assistant. prepared_at is when its commands were queued, due_at when it
-- must be looked at at the latest, releases how often it was let go. account_name is that of the person, the password
-- of the managed administrator is sealed in the write that queues its hash. outcome is "done",
-- "time", "again" or "ended".

CREATE TABLE device_setup (
  enrollment_id TEXT NOT NULL PRIMARY KEY,
  begun_at BIGINT NOT NULL,
  prepared_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  account_name TEXT NOT NULL,
  admin_name TEXT NOT NULL,
  sealed_admin_password TEXT NOT NULL,
  releases BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  outcome TEXT NOT NULL
);
CREATE INDEX device_setup_by_due ON device_setup (due_at) WHERE finished_at = 0;
