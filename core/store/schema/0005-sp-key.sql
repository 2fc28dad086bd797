-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Keys of this server towards its identity providers. Each use of a connection has one row for each state:
-- "current", during a change of keys also "next", and after it "previous". The private key is sealed.

CREATE TABLE sp_key (
  connection TEXT NOT NULL,
  key_use TEXT NOT NULL,
  state TEXT NOT NULL,
  sealed_key TEXT NOT NULL,
  certificate TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (connection, key_use, state)
);

-- How often a private key was used for the answer to a request.
ALTER TABLE sign_in_request ADD COLUMN decryptions BIGINT NOT NULL DEFAULT 0;
