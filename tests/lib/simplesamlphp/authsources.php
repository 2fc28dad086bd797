<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
$site = json_decode(file_get_contents(__DIR__ . '/site.json'), true, 32, JSON_THROW_ON_ERROR);

$config = [
    'people' => ['exampleauth:UserPass'],
];
foreach ($site['users'] as $name => $user) {
    $config['people'][$name . ':' . $user['password']] = $user['attributes'];
}
