-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Until when the provider vouches for an access token of its own, which counts here for AccessTokenLifetime at
-- a time. 0 for a token of our own, and for one that is on record already: that counts until it expires.

ALTER TABLE access_token ADD COLUMN vouched_until BIGINT NOT NULL DEFAULT 0;
