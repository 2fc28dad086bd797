-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Before an identity certificate ends its device is asked to renew it. renewal_due is when that is looked at again, 0:
-- not yet, or never again. What was asked last is one row for each enrollment: its challenge, the first key that used
-- it and the certificate issued for that, and the command that carries it; done_at is when the device first used
-- another certificate. A profile that is sent again must name the managed account of the first.

ALTER TABLE certificate ADD COLUMN renewal_due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX certificate_by_end ON certificate (not_after)
  WHERE enrollment_id <> '' AND revoked_at = 0 AND renewal_due = 0;
CREATE INDEX certificate_by_renewal ON certificate (renewal_due) WHERE revoked_at = 0 AND renewal_due > 0;

CREATE TABLE identity_renewal (
  enrollment_id TEXT NOT NULL PRIMARY KEY,
  challenge_hash TEXT NOT NULL UNIQUE,
  key_hash TEXT NOT NULL,
  certificate_sha256 TEXT NOT NULL,
  command_uuid TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  done_at BIGINT NOT NULL
);

ALTER TABLE enrollment ADD COLUMN managed_account TEXT NOT NULL DEFAULT '';
UPDATE enrollment SET managed_account = COALESCE (
  (SELECT t.managed_account FROM access_token t WHERE t.hash = enrollment.token_hash),
  (SELECT p.managed_account FROM certificate c JOIN person p ON p.id = c.person_id
    WHERE c.sha256 = enrollment.certificate_sha256), '')
  WHERE ended_at = 0 AND mode <> '';
