-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Refresh tokens of sessions: a row for each chain of them, which holds the one that counts and the one before it.
-- salt and the one before make the one that counts, so that an answer that was lost can be given again. A row
-- whose session has ended is good for nothing, so nothing here has to change when a session ends.

CREATE TABLE refresh_chain (
  chain_hash TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES admin_session (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL,
  before_hash TEXT NOT NULL,
  salt TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL
);
CREATE INDEX refresh_chain_by_session ON refresh_chain (session_id, created_at);
