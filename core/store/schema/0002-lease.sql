-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Work that one of several instances does: who does it, and until when it is his.

CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
