-- SPDX-License-Identifier: LGPL-2.1-or-later
-- The provider by which whoever made a personal access token was signed in: when it is gone, the token does not
-- count. Empty for one made with doorctl.

ALTER TABLE personal_token ADD COLUMN connection TEXT NOT NULL DEFAULT '';
