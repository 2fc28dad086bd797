-- SPDX-License-Identifier: LGPL-2.1-or-later
INSERT INTO step (number, note) VALUES (3, 'never seen');
INSERT INTO nowhere (number) VALUES (3);
