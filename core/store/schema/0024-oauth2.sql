-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Devices that came by apple-oauth2: one row for each sign-in. Its code, a ticket of the kind "oauth2" in
-- access_token, is exchanged once for an access token and a refresh token; from then on the first part of that, by
-- its hash, names the chain. token_hash is the refresh token that counts, before_hash the one before, salt what makes
-- the one that counts from it. enrollment_id is the enrollment it is for, empty until there is one.

CREATE TABLE oauth2_grant (
  id TEXT NOT NULL PRIMARY KEY,
  code_hash TEXT NOT NULL UNIQUE,
  redirect_uri TEXT NOT NULL,
  client_state TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  person_id TEXT NOT NULL,
  team TEXT NOT NULL,
  managed_account TEXT NOT NULL,
  chain_hash TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  before_hash TEXT NOT NULL,
  salt TEXT NOT NULL,
  access_hash TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  exchanged_at BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  end_reason TEXT NOT NULL
);
CREATE INDEX oauth2_grant_by_chain ON oauth2_grant (chain_hash);
CREATE INDEX oauth2_grant_by_enrollment ON oauth2_grant (enrollment_id);
CREATE INDEX oauth2_grant_by_creation ON oauth2_grant (created_at);

-- Which access tokens a grant gave: all of them end with it.
CREATE TABLE oauth2_access (
  hash TEXT NOT NULL PRIMARY KEY,
  grant_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX oauth2_access_by_grant ON oauth2_access (grant_id);
CREATE INDEX oauth2_access_by_expiry ON oauth2_access (expires_at);

-- What the device will show the secret of when it exchanges its code (RFC 7636); empty for none.
ALTER TABLE flow ADD COLUMN code_challenge TEXT NOT NULL DEFAULT '';
