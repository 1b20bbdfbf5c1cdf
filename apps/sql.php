<?php
// Runs statements on a server: php sql.php HOST:PORT USER PASSWORD STATEMENT…
[$host, $port] = explode(':', $argv[1]);
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$server = new mysqli($host, $argv[2], $argv[3], '', (int) $port);
foreach (array_slice($argv, 4) as $statement) {
    $result = $server->query($statement);
    if ($result instanceof mysqli_result) foreach ($result as $row) echo implode("\t", array_map(fn($value) => $value ?? 'NULL', $row)), "\n";
}
