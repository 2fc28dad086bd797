-- SPDX-License-Identifier: LGPL-2.1-or-later
-- What the roles of an administrator were decided by, so that they can be decided again under other rules; and
-- the attempts of one person, the latest first.

ALTER TABLE attempt ADD COLUMN role_claims TEXT NOT NULL DEFAULT '';
CREATE INDEX attempt_by_person ON attempt (person_id, at);
