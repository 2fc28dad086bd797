<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
$site = json_decode(file_get_contents(dirname(__DIR__) . '/site.json'), true, 32, JSON_THROW_ON_ERROR);

$emailFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
$metadata[$site['entity_id']] = [
    'host' => '__DEFAULT__',
    'auth' => 'people',
    'privatekey' => 'idp.key',
    'certificate' => 'idp.crt',
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'saml20.sendartifact' => $site['artifact'],
    'saml20.sign.assertion' => $site['signed'] !== 'response',
    'saml20.sign.response' => $site['signed'] !== 'assertion',
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
    'NameIDFormat' => [$emailFormat],
    'authproc' => [
        10 => ['class' => 'saml:AttributeNameID', 'attribute' => 'email', 'Format' => $emailFormat],
    ],
];
