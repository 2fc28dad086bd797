-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Agents of osquery, known by the hash of their key. device_id is the device whose link one has confirmed by its
-- last report, at confirmed_at; empty for none. What an agent says is kept for people to read, and decides nothing.

CREATE TABLE osquery_node (
  key_hash TEXT NOT NULL PRIMARY KEY,
  team TEXT NOT NULL,
  host_identifier TEXT NOT NULL,
  serial TEXT NOT NULL,
  uuid TEXT NOT NULL,
  hostname TEXT NOT NULL,
  mdm_url TEXT NOT NULL,
  device_id TEXT NOT NULL,
  enrolled_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  reported_at BIGINT NOT NULL,
  confirmed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX osquery_node_of ON osquery_node (team, host_identifier);
CREATE INDEX osquery_node_by_device ON osquery_node (device_id);
CREATE INDEX osquery_node_by_last ON osquery_node (seen_at);
