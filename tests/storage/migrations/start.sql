-- SPDX-License-Identifier: LGPL-2.1-or-later
-- The first step; a comment may end with a semicolon;
CREATE TABLE step (
  number BIGINT NOT NULL,
  note TEXT NOT NULL
);
INSERT INTO step (number, note) VALUES (1, 'a; b');
