-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Groups of the configuration that are kept here and not in a file. A name is given once: the row of one that
-- is gone stays, with removed_at. The revision grows with every change, for the instances to notice.

CREATE TABLE config_object (
  name TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  removed_at BIGINT NOT NULL
);

CREATE TABLE config_revision (
  name TEXT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
);

-- Keys with which tokens of sessions are signed; the private half is sealed with the state key.

CREATE TABLE signing_key (
  kid TEXT NOT NULL PRIMARY KEY,
  public_key TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  signs_from BIGINT NOT NULL
);
CREATE INDEX signing_key_by_time ON signing_key (signs_from);
