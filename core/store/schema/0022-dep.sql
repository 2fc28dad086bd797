-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Servers of Apple Business Manager that assign devices to this one (Apple, device assignment): the key pair for
-- the token, the token (sealed), how far the list was read; the devices; and what was defined there for each team.

-- phase is "fetch" while the whole list is read, "sync" when only changes are. Each reading of the whole list is a
-- generation: what was in none of its pages has left. fault is the id of a fault of the catalogue, '' for none.
CREATE TABLE dep_server (
  name TEXT NOT NULL PRIMARY KEY,
  certificate TEXT NOT NULL,
  sealed_key TEXT NOT NULL,
  sealed_token TEXT NOT NULL,
  token_expires_at BIGINT NOT NULL,
  server_uuid TEXT NOT NULL,
  server_name TEXT NOT NULL,
  organization TEXT NOT NULL,
  cursor_text TEXT NOT NULL,
  phase TEXT NOT NULL,
  generation BIGINT NOT NULL,
  n_read BIGINT NOT NULL,
  full_sync_at BIGINT NOT NULL,
  synced_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  fault TEXT NOT NULL,
  detail TEXT NOT NULL,
  discovery_url TEXT NOT NULL,
  discovery_detail TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- A device may leave one server for another, and word of that comes in any order: it has a row for each. id is
-- SERIAL/SERVER. team is the one it has; chosen says that an administrator has said so, and not DefaultTeam=.
-- op_date is that of the newest change that was heard of, in milliseconds since 1970. assign_due_at is when Apple
-- is to be asked to give it the profile of its team, 0 when there is nothing to ask.
CREATE TABLE dep_device (
  id TEXT NOT NULL PRIMARY KEY,
  serial TEXT NOT NULL,
  server TEXT NOT NULL,
  model TEXT NOT NULL,
  description TEXT NOT NULL,
  color TEXT NOT NULL,
  asset_tag TEXT NOT NULL,
  family TEXT NOT NULL,
  os TEXT NOT NULL,
  team TEXT NOT NULL,
  chosen BIGINT NOT NULL,
  profile_status TEXT NOT NULL,
  profile_uuid TEXT NOT NULL,
  assign_due_at BIGINT NOT NULL,
  assign_failures BIGINT NOT NULL,
  assign_status TEXT NOT NULL,
  op_date BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  removed_at BIGINT NOT NULL
);
CREATE INDEX dep_device_by_serial ON dep_device (serial);
CREATE INDEX dep_device_by_team ON dep_device (server, team);
CREATE INDEX dep_device_to_assign ON dep_device (server, assign_due_at) WHERE assign_due_at > 0;

CREATE TABLE dep_profile (
  server TEXT NOT NULL,
  team TEXT NOT NULL,
  digest TEXT NOT NULL,
  uuid TEXT NOT NULL,
  defined_at BIGINT NOT NULL,
  PRIMARY KEY (server, team)
);
