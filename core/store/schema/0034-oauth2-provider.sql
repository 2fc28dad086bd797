-- SPDX-License-Identifier: LGPL-2.1-or-later
-- The refresh token by which the provider is asked whether a device may renew its tokens, sealed for the grant; empty
-- where there is none, and as soon as the grant has ended. connection is the provider that is asked, empty where none
-- is; issuer and subject are whom it must speak of. verified_at is when it last vouched for the person, asking_until
-- until when one question keeps others away.

ALTER TABLE oauth2_grant ADD COLUMN sealed_refresh TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth2_grant ADD COLUMN connection TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth2_grant ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth2_grant ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth2_grant ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE oauth2_grant ADD COLUMN asking_until BIGINT NOT NULL DEFAULT 0;
