-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Personal access tokens of administrators, for programs. A token that is revoked has no row any more.

CREATE TABLE personal_token (
  token_hash TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  administrator_id TEXT NOT NULL REFERENCES administrator (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE INDEX personal_token_by_administrator ON personal_token (administrator_id, id);
CREATE INDEX personal_token_by_expiry ON personal_token (expires_at);
