-- SPDX-License-Identifier: LGPL-2.1-or-later
-- A device that is managed as a whole has a UDID (kind "device") and says which one it is. way is how it came,
-- see 0017. awaiting_since is when it first said that it waits in Setup Assistant, released_at when it was let
-- go. What a device escrows is sealed.

ALTER TABLE device ADD COLUMN serial TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN model_name TEXT NOT NULL DEFAULT '';
CREATE INDEX device_by_serial ON device (serial);

ALTER TABLE enrollment ADD COLUMN way TEXT NOT NULL DEFAULT 'account';
ALTER TABLE enrollment ADD COLUMN mode TEXT NOT NULL DEFAULT 'BYOD';
ALTER TABLE enrollment ADD COLUMN token_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE enrollment ADD COLUMN awaiting_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE enrollment ADD COLUMN released_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE enrollment ADD COLUMN sealed_unlock_token TEXT NOT NULL DEFAULT '';
ALTER TABLE enrollment ADD COLUMN sealed_bootstrap_token TEXT NOT NULL DEFAULT '';
CREATE INDEX enrollment_awaiting ON enrollment (awaiting_since) WHERE awaiting_since > 0;
