-- SPDX-License-Identifier: LGPL-2.1-or-later
-- By what the state key is known with which this database is sealed: a digest of it, which opens nothing. One row.

CREATE TABLE state_key (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  mark TEXT NOT NULL,
  marked_at BIGINT NOT NULL
);
