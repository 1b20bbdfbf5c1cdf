<?php
// Asks a server what PHP programs ask, and prints one line of JSON for each check: php checks.php HOST:PORT USER PASSWORD DATABASE
// Two servers are told apart by comparing the lines.
error_reporting(E_ALL);
set_error_handler(function ($level, $text, $file, $line) { throw new ErrorException($text, 0, $level, $file, $line); });
[$host, $port] = explode(':', $argv[1]);
[, , $user, $password, $database] = $argv;
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);

/** A refusal, as programs look at it. */
function refusal(Throwable $e): array {
    if ($e instanceof PDOException) return ['refused' => $e->getCode(), 'info' => $e->errorInfo, 'message' => $e->getMessage()];
    if ($e instanceof mysqli_sql_exception) return ['refused' => $e->getCode(), 'state' => $e->getSqlState(), 'message' => $e->getMessage()];
    return ['thrown' => get_class($e), 'message' => $e->getMessage()];
}

/** What a value is, so that bytes and types survive JSON. */
function shown($value) {
    if (is_array($value)) return array_map('shown', $value);
    if (is_object($value)) return ['object' => get_class($value)] + array_map('shown', get_object_vars($value));
    if (is_float($value)) return ['float' => var_export($value, true)];
    if (is_resource($value)) return ['stream' => bin2hex(stream_get_contents($value))];
    if (is_string($value) && !mb_check_encoding($value, 'UTF-8')) return ['bytes' => strlen($value) > 200 ? strlen($value) . ' ' . md5($value) : bin2hex($value)];
    if (is_string($value) && strlen($value) > 2000) return ['text' => strlen($value) . ' ' . md5($value)];
    return $value;
}

function check(string $name, callable $action): void {
    try { $answer = $action(); } catch (Throwable $e) { $answer = refusal($e); }
    echo json_encode([$name, shown($answer)], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
}

/** The refusal that an action must meet. */
function refused(callable $action): array {
    try { return ['not refused' => $action()]; } catch (Throwable $e) { return refusal($e); }
}

function pdo(array $options = [], string $more = ''): PDO {
    global $host, $port, $user, $password, $database;
    return new PDO("mysql:host=$host;port=$port;dbname=$database;charset=utf8mb4$more", $user, $password,
        $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);
}

function improved(): mysqli {
    global $host, $port, $user, $password, $database;
    $db = new mysqli($host, $user, $password, $database, (int) $port);
    $db->set_charset('utf8mb4');
    return $db;
}

/** The columns of a result, as PDO tells of them. */
function columns(PDOStatement $s): array {
    $all = [];
    for ($i = 0; $i < $s->columnCount(); $i++) {
        $meta = $s->getColumnMeta($i);
        $all[] = [$meta['name'], $meta['native_type'] ?? null, $meta['flags'], $meta['len'], $meta['precision'], $meta['pdo_type'], $meta['table'] ?? null];
    }
    return $all;
}

foreach (['types', 'pdo', 'mysqli', 'programs', 'transactions', 'large'] as $part) require __DIR__ . "/$part.php";
