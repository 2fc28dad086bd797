-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Somebody who uses a Mac or a shared iPad has a channel of their own beside the device's. user_key is what tells
-- them apart. A channel is named by the id of its row, the device's by that of its enrollment.

CREATE TABLE user_channel (
  id TEXT NOT NULL PRIMARY KEY,
  enrollment_id TEXT NOT NULL REFERENCES enrollment (id),
  user_key TEXT NOT NULL,
  short_name TEXT NOT NULL,
  long_name TEXT NOT NULL,
  topic TEXT NOT NULL,
  push_magic TEXT NOT NULL,
  push_token TEXT NOT NULL,
  not_on_console BIGINT NOT NULL,
  awaiting_since BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  token_updated_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_channel_of ON user_channel (enrollment_id, user_key);
