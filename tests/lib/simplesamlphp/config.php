<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
// What differs from one start to the next comes from site.json, beside this file.
$site = json_decode(file_get_contents(__DIR__ . '/site.json'), true, 32, JSON_THROW_ON_ERROR);

$config = [
    'baseurlpath' => $site['base_url'],
    'certdir' => __DIR__ . '/',
    'loggingdir' => $site['log_dir'] . '/',
    'datadir' => $site['data_dir'] . '/',
    'tempdir' => $site['data_dir'],
    'metadatadir' => __DIR__ . '/metadata/',
    'technicalcontact_name' => 'Nobody',
    'technicalcontact_email' => 'nobody@example.test',
    'timezone' => 'UTC',
    'secretsalt' => $site['secret_salt'],
    'auth.adminpassword' => $site['admin_password'],
    'admin.protectindexpage' => true,
    'admin.checkforupdates' => false,
    'trusted.url.domains' => null,
    'debug' => ['saml' => true, 'backtraces' => true, 'validatexml' => false],
    'showerrors' => true,
    'errorreporting' => false,
    'logging.level' => SimpleSAML\Logger::DEBUG,
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true],
    'session.cookie.secure' => $site['https'],
    'session.cookie.samesite' => $site['https'] ? 'None' : null,
    'session.phpsession.savepath' => $site['data_dir'],
    'language.cookie.secure' => $site['https'],
    'language.available' => ['en'],
    'language.default' => 'en',
    'theme.use' => 'default',
    'production' => true,
    // sessions of PHP cannot keep what another client asks for
    'store.type' => $site['artifact'] ? 'sql' : 'phpsession',
    'store.sql.dsn' => 'sqlite:' . $site['data_dir'] . '/store.sqlite',
    'metadata.sources' => [['type' => 'flatfile']],
];
