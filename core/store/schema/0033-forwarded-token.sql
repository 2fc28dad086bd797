-- SPDX-License-Identifier: LGPL-2.1-or-later
-- An access token that an identity provider gave a device is kept by its hash as soon as it was found good;
-- connection is that of the provider, empty for a token of our own.

ALTER TABLE access_token ADD COLUMN connection TEXT NOT NULL DEFAULT '';
