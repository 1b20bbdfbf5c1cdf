<?php
// Every type of column, there and back, by text, by emulated and by prepared statements.
$kinds = [
    'tinyint' => ['TINYINT', [-128, 127, '5', true]], 'tinyint unsigned' => ['TINYINT UNSIGNED', [0, 255]], 'bool' => ['BOOL', [true, false, 2]],
    'smallint' => ['SMALLINT', [-32768, 32767]], 'mediumint' => ['MEDIUMINT', [-8388608, 8388607]], 'int' => ['INT', [-2147483648, 2147483647]],
    'int unsigned' => ['INT UNSIGNED', [0, 4294967295]], 'zerofill' => ['INT(6) ZEROFILL', [7, 42]],
    'bigint' => ['BIGINT', [PHP_INT_MIN, PHP_INT_MAX, '-9']], 'bigint unsigned' => ['BIGINT UNSIGNED', ['18446744073709551615', 0, PHP_INT_MAX]],
    'decimal' => ['DECIMAL(20,5)', ['123456789012345.12345', '-0.00001', 1.5, 7]], 'decimal 65' => ['DECIMAL(65,30)', ['1', '-99999999999999999999999999999999999.999999999999999999999999999999']],
    'float' => ['FLOAT', [1.5, -3.25, '1e10', 0.1]], 'double' => ['DOUBLE', [0.1, -1e300, M_PI, '2.5', 1e-7]],
    'bit' => ['BIT(12)', [0, 4095, 5]], 'date' => ['DATE', ['2024-02-29', '1000-01-01', '9999-12-31']],
    'time' => ['TIME(3)', ['-838:59:59', '12:34:56.789', '00:00:00']], 'datetime' => ['DATETIME', ['2024-02-29 23:59:59', '1000-01-01 00:00:00']],
    'datetime 6' => ['DATETIME(6)', ['2024-02-29 23:59:59.123456', '2024-01-01']], 'timestamp' => ['TIMESTAMP NULL', ['2024-06-01 12:00:00', '1970-01-02 00:00:00']],
    'year' => ['YEAR', [1901, 2155, '2024']], 'char' => ['CHAR(10)', ['a', 'trailing  ', '', "it's"]], 'varchar' => ['VARCHAR(50)', ['é漢🐙', 'trailing  ', "a\\b\"c'd\n\0e", '']],
    'binary' => ['BINARY(4)', ["a\0b", "\xff\xfe", '']], 'varbinary' => ['VARBINARY(20)', ["\0\x01\x80\xff'\\\"", '']], 'tinytext' => ['TINYTEXT', ['x', str_repeat('é', 100)]],
    'text' => ['TEXT', ['some text', str_repeat('ab', 30000)]], 'mediumtext' => ['MEDIUMTEXT', [str_repeat('漢', 30000)]], 'longtext' => ['LONGTEXT', ['x']],
    'tinyblob' => ['TINYBLOB', ["\0\xff"]], 'blob' => ['BLOB', ["\0\x01\xfe\xff", '']], 'mediumblob' => ['MEDIUMBLOB', [str_repeat("\xff\0", 40000)]], 'longblob' => ['LONGBLOB', ["\x80"]],
    'enum' => ["ENUM('a','b''c','é','')", ['a', "b'c", 'é', '', 1]], 'set' => ["SET('x','y','z')", ['x,z', '', 'y', 7]],
    'json' => ['JSON', ['{"b": 1, "a": [1, 2.5, null, true, "é"]}', '[]', '"s"', 'null', '1e2', '18446744073709551615']],
    'latin1' => ['VARCHAR(20) CHARACTER SET latin1', ['é', 'abc']], 'point' => ['POINT', []],
];

foreach ($kinds as $kind => [$definition, $values]) {
    foreach ([true, false] as $emulated) {
        check(($emulated ? 'emulated' : 'prepared') . ": $kind", function () use ($definition, $values, $emulated) {
            $db = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated]);
            $db->exec('DROP TABLE IF EXISTS kinds');
            $db->exec("CREATE TABLE kinds (id INT AUTO_INCREMENT PRIMARY KEY, v $definition)");
            $put = $db->prepare('INSERT INTO kinds (v) VALUES (?)');
            $answers = [];
            foreach ([...$values, null] as $value) {
                $answers[] = refused(fn() => $put->execute([$value]) ? [$put->rowCount(), $db->lastInsertId()] : false);
                if (is_int($value) || is_bool($value)) {
                    $put->bindValue(1, $value, is_bool($value) ? PDO::PARAM_BOOL : PDO::PARAM_INT);
                    $answers[] = refused(fn() => $put->execute());
                }
            }
            if ($definition === 'POINT') $db->exec("INSERT INTO kinds (v) VALUES (ST_GeomFromText('POINT(1 2)'))");
            $get = $db->prepare('SELECT id, v, v IS NULL AS n, HEX(v) AS h FROM kinds WHERE id > ? ORDER BY id');
            if (in_array($definition, ['POINT', 'JSON'])) $get = $db->prepare('SELECT id, v, v IS NULL AS n FROM kinds WHERE id > ? ORDER BY id');
            $get->execute([0]);
            return [$answers, $get->fetchAll(), columns($get), $db->query('SELECT v FROM kinds ORDER BY id')->fetchAll(PDO::FETCH_COLUMN)];
        });
    }
    check("strings asked for: $kind", function () {
        return pdo([PDO::ATTR_STRINGIFY_FETCHES => true, PDO::ATTR_EMULATE_PREPARES => false])->query('SELECT * FROM kinds ORDER BY id')->fetchAll(PDO::FETCH_NUM);
    });
    check("mysqli: $kind", function () use ($values) {
        $db = improved();
        $answers = [];
        $text = $db->query('SELECT * FROM kinds ORDER BY id');
        $answers[] = array_map(fn($f) => [$f->name, $f->type, $f->length, $f->charsetnr, $f->flags, $f->decimals, $f->max_length], $text->fetch_fields());
        $answers[] = $text->fetch_all(MYSQLI_NUM);
        $db->options(MYSQLI_OPT_INT_AND_FLOAT_NATIVE, 1);
        $answers[] = $db->query('SELECT v FROM kinds ORDER BY id')->fetch_all(MYSQLI_NUM);
        $s = $db->prepare('SELECT v, id FROM kinds WHERE id >= ? ORDER BY id');
        $one = 1;
        $s->bind_param('i', $one);
        $s->execute();
        $answers[] = $s->get_result()->fetch_all(MYSQLI_ASSOC);
        $s->execute();
        $s->store_result();
        $s->bind_result($v, $id);
        while ($s->fetch()) $answers[] = [$s->num_rows, $v, $id];
        return $answers;
    });
}
