-- SPDX-License-Identifier: LGPL-2.1-or-later
-- How often an artifact was resolved for a request: each time this server asks the provider something because a browser
-- wants it to.

ALTER TABLE sign_in_request ADD COLUMN resolutions BIGINT NOT NULL DEFAULT 0;
