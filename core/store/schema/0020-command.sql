-- SPDX-License-Identifier: LGPL-2.1-or-later
-- What a channel is to do, in the order of position. state is "queued", "sent", "not-now", "acknowledged", "error",
-- "format-error" or "cancelled"; done_at is 0 for the first three. message is the property list that is sent, empty
-- once the command is done: it may hold a secret; digest stays, so that a repeat can be told. result is the property
-- list that came back, errors its ErrorChain as JSON. source says who wants it.

CREATE TABLE command (
  uuid TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  request_type TEXT NOT NULL,
  message TEXT NOT NULL,
  digest TEXT NOT NULL,
  source TEXT NOT NULL,
  state TEXT NOT NULL,
  errors TEXT NOT NULL,
  result TEXT NOT NULL,
  queued_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  deferred_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  PRIMARY KEY (uuid, channel_id)
);
CREATE UNIQUE INDEX command_position ON command (channel_id, position);
CREATE INDEX command_open ON command (channel_id, position) WHERE done_at = 0;
CREATE INDEX command_by_enrollment ON command (enrollment_id) WHERE done_at = 0;
CREATE INDEX command_by_device ON command (device_id, queued_at, uuid, channel_id);
CREATE INDEX command_by_end ON command (done_at) WHERE done_at > 0;
