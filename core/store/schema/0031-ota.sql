-- SPDX-License-Identifier: LGPL-2.1-or-later
-- The identity that a device is given on its way to the profile of a ticket has a row of kind "ota" of its own;
-- parent_hash is that ticket.

ALTER TABLE access_token ADD COLUMN parent_hash TEXT NOT NULL DEFAULT '';
