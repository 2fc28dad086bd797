-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Certificates with which devices are pushed, their keys sealed; and keys whose certificates are still to come.
-- The channels that are to be pushed: one row each, however often it was wished. due_at is when the next push is due;
-- who takes it moves that on and leaves its claim, so that no second instance sends it; 0: not until the device
-- gives a new token. sent_at is when APNs last took one, 0: not yet.

CREATE TABLE push_certificate (
  topic TEXT NOT NULL PRIMARY KEY,
  chain TEXT NOT NULL,
  sealed_key TEXT NOT NULL,
  key_sha256 TEXT NOT NULL,
  not_after BIGINT NOT NULL,
  imported_at BIGINT NOT NULL
);

CREATE TABLE push_request (
  key_sha256 TEXT NOT NULL PRIMARY KEY,
  sealed_key TEXT NOT NULL,
  made_at BIGINT NOT NULL
);

CREATE TABLE push_wish (
  channel_id TEXT NOT NULL PRIMARY KEY,
  enrollment_id TEXT NOT NULL,
  wished_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  claim TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  status BIGINT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX push_wish_by_due ON push_wish (due_at) WHERE due_at > 0;
CREATE INDEX push_wish_by_claim ON push_wish (claim) WHERE claim <> '';
