-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Directories: the tokens by which their senders are known, and the people and groups that they send. What a sender
-- wrote of a resource stands in attributes as JSON; every value of it has a row in directory_value, by which it is
-- found. value is compared as it stands; value_rank are its first eight bytes as a number, in whose order an index
-- has the values whatever the collation of the database.

CREATE TABLE directory_token (
  hash TEXT NOT NULL PRIMARY KEY,
  directory TEXT NOT NULL,
  name TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX directory_token_by_name ON directory_token (directory, name);

CREATE TABLE directory_resource (
  id TEXT NOT NULL PRIMARY KEY,
  directory TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  person_id TEXT NOT NULL,
  attributes TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX directory_resource_by_name ON directory_resource (directory, kind, name_key);
CREATE INDEX directory_resource_in_order ON directory_resource (directory, kind, created_at, id);
CREATE INDEX directory_resource_by_change ON directory_resource (directory, kind, updated_at, id);
CREATE INDEX directory_resource_by_person ON directory_resource (person_id);

CREATE TABLE directory_value (
  resource_id TEXT NOT NULL REFERENCES directory_resource (id),
  path TEXT NOT NULL,
  item BIGINT NOT NULL,
  directory TEXT NOT NULL,
  kind TEXT NOT NULL,
  value_rank BIGINT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (resource_id, path, item)
);
CREATE INDEX directory_value_in_order ON directory_value (directory, kind, path, value_rank, value, resource_id);

CREATE TABLE directory_member (
  group_id TEXT NOT NULL REFERENCES directory_resource (id),
  member_id TEXT NOT NULL REFERENCES directory_resource (id),
  kind TEXT NOT NULL,
  PRIMARY KEY (group_id, member_id)
);
CREATE INDEX directory_member_by_member ON directory_member (member_id, group_id);

-- The members that one change names, for as long as its transaction runs.
CREATE TABLE directory_change (
  change_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  PRIMARY KEY (change_id, member_id)
);

-- How many there are, so that a page of a list need not count them.
CREATE TABLE directory_total (
  directory TEXT NOT NULL,
  kind TEXT NOT NULL,
  total BIGINT NOT NULL,
  PRIMARY KEY (directory, kind)
);
