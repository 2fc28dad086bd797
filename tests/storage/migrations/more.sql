-- SPDX-License-Identifier: LGPL-2.1-or-later
ALTER TABLE step ADD COLUMN bytes BYTEA;
CREATE INDEX step_number ON step (number);
INSERT INTO step (number, note) VALUES (2, 'once');
