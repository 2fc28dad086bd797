-- SPDX-License-Identifier: LGPL-2.1-or-later
-- What a sign-in led to, and what the provider's answer said, without what is secret.

ALTER TABLE attempt ADD COLUMN purpose TEXT NOT NULL DEFAULT 'enrollment';
ALTER TABLE attempt ADD COLUMN received TEXT NOT NULL DEFAULT '';
