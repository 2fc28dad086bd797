-- SPDX-License-Identifier: LGPL-2.1-or-later
-- What a flow leads to, and the path of this server where it goes on afterwards.

ALTER TABLE flow ADD COLUMN purpose TEXT NOT NULL DEFAULT 'enrollment';
ALTER TABLE flow ADD COLUMN return_path TEXT NOT NULL DEFAULT '';
