-- SPDX-License-Identifier: LGPL-2.1-or-later
-- By what the enroll secret is known with which an agent has enrolled: a digest of it by the state key, so an agent is
-- good for as long as that secret is. Empty for one that is on record already, which enrolls again by itself.

ALTER TABLE osquery_node ADD COLUMN secret_mark TEXT NOT NULL DEFAULT '';
