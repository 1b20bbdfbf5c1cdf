<?php
// PDO: parameters of all sorts, modes of fetching, several results, errors.
check('table of people', function () {
    $db = pdo();
    $db->exec('DROP TABLE IF EXISTS people');
    $db->exec('CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, age INT, born DATE, UNIQUE KEY name (name)) CHARSET=utf8mb4');
    return [$db->exec("INSERT INTO people (name, age, born) VALUES ('Ann', 30, '1990-01-02'), ('Bob', NULL, NULL), ('Çi', 25, '1995-05-05')"), $db->lastInsertId()];
});
foreach ([true, false] as $emulated) {
    $way = $emulated ? 'emulated' : 'prepared';
    $db = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated]);
    check("$way: named parameters", function () use ($db) {
        $s = $db->prepare('SELECT name, age FROM people WHERE age > :low AND age < :high OR name = :name ORDER BY id');
        $s->execute(['low' => 26, ':high' => 40, 'name' => 'Bob']);
        return [$s->fetchAll(), $s->rowCount(), $s->columnCount()];
    });
    check("$way: a named parameter twice", fn() => refused(function () use ($db) {
        $s = $db->prepare('SELECT :a + 0 AS one, :a + 1 AS two');
        $s->execute(['a' => 5]);
        return $s->fetchAll();
    }));
    check("$way: too few parameters", fn() => refused(function () use ($db) {
        return $db->prepare('SELECT ?, ?')->execute([1]);
    }));
    check("$way: too many parameters", fn() => refused(function () use ($db) {
        return $db->prepare('SELECT ?')->execute([1, 2]);
    }));
    check("$way: bound by reference and by kind", function () use ($db) {
        $s = $db->prepare('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e');
        $x = 'first';
        $s->bindParam(1, $x);
        $s->bindValue(2, 5, PDO::PARAM_INT);
        $s->bindValue(3, null, PDO::PARAM_NULL);
        $s->bindValue(4, true, PDO::PARAM_BOOL);
        $lob = fopen('php://memory', 'w+');
        fwrite($lob, "a\0b\xff");
        rewind($lob);
        $s->bindValue(5, $lob, PDO::PARAM_LOB);
        $x = 'later';
        $s->execute();
        return [$s->fetch(PDO::FETCH_NUM), columns($s)];
    });
    check("$way: LIMIT with numbers", function () use ($db) {
        $s = $db->prepare('SELECT name FROM people ORDER BY id LIMIT ? OFFSET ?');
        $s->bindValue(1, 1, PDO::PARAM_INT);
        $s->bindValue(2, 1, PDO::PARAM_INT);
        $s->execute();
        return $s->fetchAll();
    });
    check("$way: LIMIT with a string", fn() => refused(function () use ($db) {
        $s = $db->prepare('SELECT name FROM people ORDER BY id LIMIT ?');
        $s->execute(['1']);
        return $s->fetchAll();
    }));
    check("$way: IN with many", function () use ($db) {
        $s = $db->prepare('SELECT COUNT(*) AS n FROM people WHERE id IN (' . implode(',', array_fill(0, 1000, '?')) . ')');
        $s->execute(range(1, 1000));
        return $s->fetch();
    });
    check("$way: question marks in texts and comments", function () use ($db) {
        $s = $db->prepare("SELECT '?' AS q, \"a?b\" AS r, `name` /* ? */ FROM people WHERE id = ? -- ?\n");
        $s->execute([1]);
        return $s->fetchAll();
    });
    check("$way: modes of fetching", function () use ($db) {
        $all = [];
        foreach ([PDO::FETCH_NUM, PDO::FETCH_BOTH, PDO::FETCH_OBJ, PDO::FETCH_KEY_PAIR, PDO::FETCH_UNIQUE | PDO::FETCH_ASSOC, PDO::FETCH_GROUP | PDO::FETCH_COLUMN] as $mode)
            $all[] = $db->query($mode === PDO::FETCH_KEY_PAIR ? 'SELECT id, name FROM people ORDER BY id' : 'SELECT id, name, age FROM people ORDER BY id')->fetchAll($mode);
        return $all;
    });
    check("$way: expressions and their types", function () use ($db) {
        $s = $db->prepare("SELECT 1, 1.5, 1e0, 'x', NULL, 1=1, 1/3, 10 DIV 3, NOW() > '2000-01-01', COUNT(*), SUM(age), AVG(age), MAX(born), MIN(name), GROUP_CONCAT(name ORDER BY id),"
            . ' CAST(1 AS UNSIGNED), CAST(1 AS DECIMAL(5,2)), CAST(1 AS DOUBLE), x\'ff\', b\'101\', CAST(\'2024-01-01\' AS DATE), ? FROM people');
        $s->execute([7]);
        return [$s->fetch(PDO::FETCH_NUM), columns($s)];
    });
    check("$way: several statements", fn() => refused(function () use ($db) {
        $s = $db->query("SELECT 1 AS a; SELECT 2 AS b, 3 AS c; UPDATE people SET age = age WHERE 0; SELECT name FROM people WHERE id = 1");
        $all = [];
        do { $all[] = [$s->columnCount(), $s->columnCount() ? $s->fetchAll() : null, $s->rowCount()]; } while ($s->nextRowset());
        return $all;
    }));
    check("$way: several statements, the second is wrong", fn() => refused(function () use ($db) {
        $s = $db->query('SELECT 1 AS a; SELECT nowhere FROM people');
        $all = [$s->fetchAll()];
        $all[] = $s->nextRowset();
        return $all;
    }));
    check("$way: errors", function () use ($db) {
        $all = [];
        foreach (['SELECT nowhere FROM people', 'SELECT * FROM nothing', 'SELEC 1', "INSERT INTO people (name) VALUES ('Ann')", "INSERT INTO people (name) VALUES (NULL)",
            'INSERT INTO people (nowhere) VALUES (1)', "INSERT INTO people (name, age) VALUES ('x', 'many')", "INSERT INTO people (name, age) VALUES ('x', 99999999999)",
            "INSERT INTO people (name, born) VALUES ('x', '2024-13-01')", 'INSERT INTO people (name) VALUES (REPEAT(\'x\', 41))', 'SELECT * FROM people WHERE', 'DROP TABLE nothing',
            'CREATE TABLE people (a INT)', 'SELECT nofunction(1)', 'SELECT 1 FROM people GROUP BY nowhere', 'UPDATE people SET id = NULL WHERE id = 1', 'CALL nothing()', 'USE nothing',
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'mine', MYSQL_ERRNO = 3001", 'SELECT (SELECT id FROM people)', 'INSERT INTO people VALUES (1)', 'SELECT SLEEP()', 'COMMIT AND', ''] as $text)
            $all[$text] = refused(function () use ($db, $text) { $s = $db->prepare($text); $s->execute(); return $s->rowCount(); });
        return $all;
    });
    check("$way: errors without exceptions", function () use ($emulated) {
        $db = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated, PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT]);
        return [$db->exec("INSERT INTO people (name) VALUES ('Ann')"), $db->errorCode(), $db->errorInfo(), $db->query('SELECT 1 AS a')->fetchAll(), $db->errorCode()];
    });
    check("$way: counts of rows", function () use ($db) {
        $one = $db->exec("UPDATE people SET age = 30 WHERE name = 'Ann'");
        $two = $db->exec("UPDATE people SET age = age + 1");
        $three = $db->exec("INSERT INTO people (name, age) VALUES ('Ann', 1) ON DUPLICATE KEY UPDATE age = 30");
        $four = $db->exec("REPLACE INTO people (id, name, age) VALUES (2, 'Bob', NULL)");
        $five = $db->exec("DELETE FROM people WHERE name = 'nobody'");
        $six = $db->exec("INSERT IGNORE INTO people (name) VALUES ('Ann'), ('Dan')");
        $seven = $db->exec("DELETE FROM people WHERE name = 'Dan'");
        return [$one, $two, $three, $four, $five, $six, $seven, $db->exec('UPDATE people SET age = 25 WHERE id = 3')];
    });
    check("$way: a cursor left open", fn() => refused(function () use ($emulated) {
        $db = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated, PDO::MYSQL_ATTR_USE_BUFFERED_QUERY => false]);
        $s = $db->query('SELECT id FROM people ORDER BY id');
        $first = $s->fetch();
        $second = refused(fn() => $db->query('SELECT 1')->fetchAll());
        $s->closeCursor();
        return [$first, $second, $db->query('SELECT 2 AS two')->fetchAll()];
    }));
    check("$way: the same statement a hundred times", function () use ($db) {
        $s = $db->prepare('SELECT ? + 1 AS n');
        $sum = 0;
        for ($i = 0; $i < 100; $i++) { $s->execute([$i]); $sum += $s->fetchColumn(); }
        return $sum;
    });
    check("$way: a table changes under a statement", function () use ($db) {
        $db->exec('DROP TABLE IF EXISTS changing');
        $db->exec('CREATE TABLE changing (a INT)');
        $db->exec('INSERT INTO changing VALUES (1)');
        $s = $db->prepare('SELECT * FROM changing');
        $s->execute();
        $before = $s->fetchAll();
        $db->exec("ALTER TABLE changing ADD b VARCHAR(5) DEFAULT 'x', MODIFY a BIGINT");
        $s->execute();
        return [$before, $s->fetchAll()];
    });
    check("$way: warnings", function () use ($db) {
        $db->exec("SET SESSION sql_mode = ''");
        $db->exec("INSERT INTO people (name, age) VALUES ('Warned', 'twelve')");
        $said = $db->query('SHOW WARNINGS')->fetchAll();
        $db->exec("DELETE FROM people WHERE name = 'Warned'");
        $db->exec('SET SESSION sql_mode = DEFAULT');
        return $said;
    });
}
check('quoting', function () {
    $db = pdo();
    $all = [];
    foreach (["it's", 'back\\slash', "zero\0byte", "new\nline", "quote\"s", "\x1a", '漢字🐙', "\xff"] as $text)
        $all[] = [$db->quote($text), refused(fn() => $db->query('SELECT ' . $db->quote($text) . ' AS t, HEX(' . $db->quote($text) . ') AS h')->fetchAll())];
    $db->exec("SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
    $all[] = $db->query("SELECT 'a\\b' AS t")->fetchAll();
    return $all;
});
check('attributes', function () {
    $db = pdo();
    return [$db->getAttribute(PDO::ATTR_DRIVER_NAME), $db->getAttribute(PDO::ATTR_AUTOCOMMIT), preg_match('/^\d+\.\d+\.\d+/', $db->getAttribute(PDO::ATTR_SERVER_VERSION)),
        preg_match('/^Uptime: \d+  Threads: \d+  Questions: \d+/', $db->getAttribute(PDO::ATTR_SERVER_INFO)), preg_replace('/[\d.:]+/', '#', $db->getAttribute(PDO::ATTR_CONNECTION_STATUS))];
});
check('found rows asked for', function () {
    $db = pdo([PDO::MYSQL_ATTR_FOUND_ROWS => true]);
    return [$db->exec("UPDATE people SET age = 30 WHERE name = 'Ann'"), $db->exec("INSERT INTO people (id, name, age) VALUES (1, 'Ann', 30) ON DUPLICATE KEY UPDATE age = 30")];
});
check('a first statement', fn() => pdo([PDO::MYSQL_ATTR_INIT_COMMAND => "SET time_zone = '+05:30', @mine = 7"])->query('SELECT @@time_zone AS z, @mine AS m')->fetchAll());
check('no several statements', fn() => refused(fn() => pdo([PDO::MYSQL_ATTR_MULTI_STATEMENTS => false])->query('SELECT 1; SELECT 2')->fetchAll()));
check('compressed', fn() => pdo([PDO::MYSQL_ATTR_COMPRESS => true])->query("SELECT REPEAT('x', 100000) AS x")->fetchAll());
check('persistent', function () {
    $db = pdo([PDO::ATTR_PERSISTENT => true]);
    $first = $db->query('SELECT CONNECTION_ID()')->fetchColumn();
    $db->exec('SET @kept = 5');
    $db = null;
    $db = pdo([PDO::ATTR_PERSISTENT => true]);
    return [$first === $db->query('SELECT CONNECTION_ID()')->fetchColumn(), $db->query('SELECT @kept')->fetchColumn()];
});
check('wrong password', function () {
    global $host, $port, $database;
    return refused(fn() => new PDO("mysql:host=$host;port=$port;dbname=$database", 'nobody_here', 'wrong'));
});
check('wrong database', function () {
    global $host, $port, $user, $password;
    return refused(fn() => new PDO("mysql:host=$host;port=$port;dbname=no_such_database", $user, $password));
});
foreach (['utf8mb4', 'utf8', 'latin1', 'ascii', 'binary', 'cp1252', 'gbk', 'nonsense'] as $set)
    check("character set $set", fn() => refused(function () use ($set) {
        global $host, $port, $user, $password, $database;
        $db = new PDO("mysql:host=$host;port=$port;dbname=$database;charset=$set", $user, $password);
        return [$db->query("SELECT @@character_set_client, @@character_set_results, @@collation_connection")->fetch(PDO::FETCH_NUM), $db->query('SELECT name FROM people WHERE id = 3')->fetchColumn()];
    }));
