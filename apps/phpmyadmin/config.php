<?php
// The servers that phpMyAdmin is tested with: Marmot first, then MySQL, if there is one. PMA_MARMOT and PMA_MYSQL are their host:port;
// PMA_DATABASE is the only database that the pages show.
declare(strict_types=1);
$cfg['blowfish_secret'] = 'a phrase of this test, thirty-2!';
$i = 0;
foreach (['PMA_MARMOT' => 'one', 'PMA_MYSQL' => 'other'] as $variable => $name) {
    if (! getenv($variable)) continue;
    [$host, $port] = explode(':', getenv($variable));
    $cfg['Servers'][++$i] = ['auth_type' => 'cookie', 'host' => $host, 'port' => $port, 'verbose' => 'server', 'AllowNoPassword' => true, 'compress' => false,
        'hide_db' => '^(?!' . getenv('PMA_DATABASE') . '$)'];
}
$cfg['VersionCheck'] = false;
$cfg['SendErrorReports'] = 'never';
$cfg['ShowPhpInfo'] = false;
$cfg['PmaNoRelation_DisableWarning'] = true;
$cfg['LoginCookieValidityDisableWarning'] = true;
$cfg['UploadDir'] = $cfg['SaveDir'] = '';
$cfg['TempDir'] = getenv('PMA_TEMP');
