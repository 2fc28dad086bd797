-- SPDX-License-Identifier: LGPL-2.1-or-later
-- How a SAML provider has qualified the NameID of a session: a logout must name it in the same way. Empty for
-- what was not there.

ALTER TABLE admin_handover ADD COLUMN name_format TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_handover ADD COLUMN name_qualifier TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_handover ADD COLUMN sp_name_qualifier TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN name_format TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN name_qualifier TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN sp_name_qualifier TEXT NOT NULL DEFAULT '';
