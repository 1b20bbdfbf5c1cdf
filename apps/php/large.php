<?php
// Big packets, many rows, wide rows, many columns.
foreach ([1 << 16, (1 << 24) - 5, (1 << 24) - 1, 1 << 24, (1 << 24) + 1000, 40_000_000] as $size) {
    check("a value of $size bytes", fn() => refused(function () use ($size) {
        $db = pdo([PDO::ATTR_EMULATE_PREPARES => false]);
        $db->exec('CREATE TABLE IF NOT EXISTS heavy (id INT AUTO_INCREMENT PRIMARY KEY, v LONGBLOB)');
        $value = str_repeat("0123456789abcde\xff", intdiv($size, 16) + 1);
        $value = substr($value, 0, $size);
        $s = $db->prepare('INSERT INTO heavy (v) VALUES (?)');
        $s->execute([$value]);
        $got = $db->query('SELECT v, LENGTH(v) AS n, CRC32(v) AS c FROM heavy')->fetch();
        $text = pdo()->query('SELECT v FROM heavy')->fetchColumn();
        $db->exec('DELETE FROM heavy');
        return [$got['v'] === $value, $text === $value, $got['n'], $got['c'] == crc32($value)];
    }));
}
check('a statement that is too large', fn() => refused(function () {
    $db = pdo();
    $db->query("SELECT LENGTH('" . str_repeat('x', 70_000_000) . "')")->fetchColumn();
})['refused'] ?? null);
check('many rows, not buffered', function () {
    $db = pdo([PDO::MYSQL_ATTR_USE_BUFFERED_QUERY => false]);
    $s = $db->query('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT a.i AS a, b.i AS b, CONCAT(a.i, \'-\', b.i) AS c FROM n a JOIN n b ON b.i <= 100 ORDER BY a.i, b.i');
    $sum = $rows = 0;
    while ($row = $s->fetch(PDO::FETCH_NUM)) { $rows++; $sum = ($sum + crc32($row[2])) & 0xffffffff; }
    return [$rows, $sum];
});
check('many rows, abandoned', function () {
    $db = improved();
    $r = $db->query('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT a.i, REPEAT(\'x\', 100) FROM n a JOIN n b ON b.i <= 50', MYSQLI_USE_RESULT);
    $first = $r->fetch_row()[1];
    $r->free();
    return [strlen($first), $db->query('SELECT 1')->fetch_row()];
});
check('many columns', function () {
    $db = pdo();
    $db->exec('DROP TABLE IF EXISTS wide');
    $db->exec('CREATE TABLE wide (' . implode(',', array_map(fn($n) => "c$n INT DEFAULT $n", range(1, 900))) . ')');
    $db->exec('INSERT INTO wide () VALUES ()');
    $row = $db->query('SELECT * FROM wide')->fetch(PDO::FETCH_NUM);
    $db->exec('DROP TABLE wide');
    return [count($row), array_sum($row)];
});
check('a statement of many rows', function () {
    $db = pdo();
    $db->exec('DROP TABLE IF EXISTS many');
    $db->exec('CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20))');
    $n = $db->exec('INSERT INTO many (v) VALUES ' . implode(',', array_map(fn($n) => "('row $n')", range(1, 20000))));
    return [$n, $db->lastInsertId(), $db->query('SELECT COUNT(*), MAX(id), MIN(v) FROM many')->fetch(PDO::FETCH_NUM)];
});
