-- SPDX-License-Identifier: LGPL-2.1-or-later
-- A sign-in that leads to nothing but to a look at what came: its start address, which browser has opened it,
-- and the result, until it is read or its time is over.

CREATE TABLE test_sign_in (
  token_hash TEXT NOT NULL PRIMARY KEY,
  connection TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  flow_hash TEXT NOT NULL,
  result TEXT NOT NULL
);
CREATE INDEX test_sign_in_by_flow ON test_sign_in (flow_hash);
CREATE INDEX test_sign_in_by_expiry ON test_sign_in (expires_at);
