-- SPDX-License-Identifier: LGPL-2.1-or-later
-- A sign-in may lead to more than an account-driven user enrollment. What it gives is still a row here: an
-- access token that the device carries (kind "account"), or a ticket that stands in an address ("ade" or
-- "link"). mode is how the device is to be enrolled, "BYOD", "ADDE" or "" for a ticket's, known from the first
-- fetch of the profile, which is fetched_at. A ticket is for one device, if serial and udid say which; its time is
-- short until it is fetched. eula names what the person must agree to first; agreed_at is when that was.
-- person_id is empty where the team asks for no sign-in.

CREATE TABLE enrollment_grant (
  hash TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  mode TEXT NOT NULL,
  person_id TEXT NOT NULL,
  team TEXT NOT NULL,
  managed_account TEXT NOT NULL,
  serial TEXT NOT NULL,
  udid TEXT NOT NULL,
  product TEXT NOT NULL,
  eula TEXT NOT NULL,
  agreed_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  fetched_at BIGINT NOT NULL,
  certificate_sha256 TEXT NOT NULL,
  revoked_at BIGINT NOT NULL
);
INSERT INTO enrollment_grant (hash, kind, mode, person_id, team, managed_account, serial, udid, product, eula,
    agreed_at, created_at, expires_at, fetched_at, certificate_sha256, revoked_at)
  SELECT hash, 'account', 'BYOD', person_id, team, managed_account, '', '', '', '', 0, created_at, expires_at,
    created_at, certificate_sha256, revoked_at FROM access_token;
DROP TABLE access_token;
ALTER TABLE enrollment_grant RENAME TO access_token;
CREATE INDEX access_token_by_person ON access_token (person_id);
CREATE INDEX access_token_by_expiry ON access_token (expires_at);
CREATE INDEX access_token_by_serial ON access_token (serial) WHERE serial <> '';
CREATE INDEX access_token_by_udid ON access_token (udid) WHERE udid <> '';

-- way is how the device came: "account", "oauth2", "ade" or "link". What Apple's certificate vouches for is
-- in serial and udid. redirect_uri and client_state are those of a device that asked for an authorization code.
ALTER TABLE flow ADD COLUMN way TEXT NOT NULL DEFAULT 'account';
ALTER TABLE flow ADD COLUMN serial TEXT NOT NULL DEFAULT '';
ALTER TABLE flow ADD COLUMN udid TEXT NOT NULL DEFAULT '';
ALTER TABLE flow ADD COLUMN product TEXT NOT NULL DEFAULT '';
ALTER TABLE flow ADD COLUMN redirect_uri TEXT NOT NULL DEFAULT '';
ALTER TABLE flow ADD COLUMN client_state TEXT NOT NULL DEFAULT '';

-- An address that an administrator hands out, by which people enroll devices into a team; only its hash is known.
-- max_uses 0 is any number of enrollments; uses counts them. link is the id of the one that a flow and a ticket come
-- from.
CREATE TABLE enrollment_link (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  team TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  max_uses BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);
CREATE INDEX enrollment_link_by_expiry ON enrollment_link (expires_at);
ALTER TABLE flow ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE access_token ADD COLUMN link TEXT NOT NULL DEFAULT '';
