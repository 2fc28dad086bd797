<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
$site = json_decode(file_get_contents(dirname(__DIR__) . '/site.json'), true, 32, JSON_THROW_ON_ERROR);

foreach ($site['service_providers'] as $provider) {
    $services = [];
    foreach ($provider['acs_urls'] as $index => $url) {
        $services[] = [
            'index' => $index,
            'isDefault' => $index === 0,
            'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
            'Location' => $url,
        ];
    }
    foreach ($site['artifact'] ? $provider['acs_urls'] : [] as $url) {
        $services[] = [
            'index' => count($services),
            'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact',
            'Location' => $url,
        ];
    }
    $entry = ['AssertionConsumerService' => $services];
    if ($provider['encryption_certificate'] !== null) {
        $entry['assertion.encryption'] = true;
        $entry['sharedkey_algorithm'] = $provider['encryption_algorithm'];
        $entry['keys'] = [
            [
                'type' => 'X509Certificate',
                'encryption' => true,
                'signing' => false,
                'X509Certificate' => $provider['encryption_certificate'],
            ],
        ];
    }
    if ($provider['signing_certificate'] !== null) {
        $entry['validate.authnrequest'] = true;
        $entry['keys'][] = [
            'type' => 'X509Certificate',
            'encryption' => false,
            'signing' => true,
            'X509Certificate' => $provider['signing_certificate'],
        ];
    }
    $metadata[$provider['entity_id']] = $entry;
}
