<?php
// Stored procedures with several results and parameters of all directions, functions, triggers, events, LOAD DATA.
check('programs made', function () {
    $db = improved();
    foreach (['DROP PROCEDURE IF EXISTS several', 'DROP PROCEDURE IF EXISTS inout_one', 'DROP PROCEDURE IF EXISTS failing', 'DROP FUNCTION IF EXISTS twice', 'DROP TABLE IF EXISTS logged, watched',
        'CREATE PROCEDURE several(IN n INT) BEGIN SELECT n AS first; SELECT id, name FROM people WHERE id <= n ORDER BY id; UPDATE people SET age = age WHERE id = 0; SELECT \'last\' AS l WHERE n > 5; END',
        'CREATE PROCEDURE inout_one(IN a INT, INOUT b VARCHAR(20), OUT c DECIMAL(8,2)) BEGIN SET c = a * 1.5; SET b = CONCAT(b, a); END',
        'CREATE PROCEDURE failing() BEGIN SELECT 1 AS one; SIGNAL SQLSTATE \'45000\' SET MESSAGE_TEXT = \'it fails\'; END',
        'CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2',
        'CREATE TABLE watched (id INT AUTO_INCREMENT PRIMARY KEY, v INT)', 'CREATE TABLE logged (what VARCHAR(50))',
        'CREATE TRIGGER watching AFTER UPDATE ON watched FOR EACH ROW INSERT INTO logged VALUES (CONCAT(OLD.v, \'>\', NEW.v))'] as $text) $db->query($text);
    return true;
});
foreach ([true, false] as $emulated) {
    check(($emulated ? 'emulated' : 'prepared') . ': a procedure with several results', function () use ($emulated) {
        $s = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated])->prepare('CALL several(?)');
        $s->bindValue(1, 2, PDO::PARAM_INT);
        $s->execute();
        $all = [];
        do { $all[] = $s->columnCount() ? $s->fetchAll() : ['no columns', $s->rowCount()]; } while ($s->nextRowset());
        return $all;
    });
    check(($emulated ? 'emulated' : 'prepared') . ': a procedure that fails after a result', fn() => refused(function () use ($emulated) {
        $db = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated]);
        $s = $db->query('CALL failing()');
        $all = [$s->fetchAll()];
        $all[] = refused(fn() => $s->nextRowset());
        $s->closeCursor();
        return [$all, $db->query('SELECT 1 AS a')->fetchAll()];
    }));
    check(($emulated ? 'emulated' : 'prepared') . ': variables in and out', function () use ($emulated) {
        $db = pdo([PDO::ATTR_EMULATE_PREPARES => $emulated]);
        $db->exec("SET @b = 'x'");
        $s = $db->prepare('CALL inout_one(?, @b, @c)');
        $s->execute([7]);
        $s->closeCursor();
        return $db->query('SELECT @b, @c, twice(@c) AS t')->fetchAll();
    });
}
check('mysqli: a procedure with several results', function () {
    $db = improved();
    $db->multi_query('CALL several(9); SELECT twice(4)');
    $all = [];
    do { $r = $db->store_result(); $all[] = $r ? $r->fetch_all(MYSQLI_ASSOC) : $db->affected_rows; } while ($db->more_results() && $db->next_result());
    $s = $db->prepare('CALL several(?)');
    $n = 9;
    $s->bind_param('i', $n);
    $s->execute();
    do { if ($r = $s->get_result()) $all[] = $r->fetch_all(); } while ($s->more_results() && $s->next_result());
    return $all;
});
check('triggers', function () {
    $db = pdo();
    $db->exec('INSERT INTO watched (v) VALUES (1), (2)');
    return [$db->exec('UPDATE watched SET v = v + 10'), $db->query('SELECT what FROM logged ORDER BY what')->fetchAll(PDO::FETCH_COLUMN), $db->lastInsertId()];
});
check('what there is of programs', function () {
    $db = pdo();
    $plain = fn($rows) => array_map(fn($row) => array_diff_key($row, array_flip(['Created', 'Modified', 'Definer', 'Db', 'CREATED', 'LAST_ALTERED', 'DEFINER', 'ROUTINE_SCHEMA'])), $rows);
    return [$plain($db->query("SHOW PROCEDURE STATUS WHERE Db = DATABASE()")->fetchAll()), $plain($db->query('SHOW TRIGGERS')->fetchAll()),
        $plain($db->query('SHOW CREATE FUNCTION twice')->fetchAll()) !== [], $plain($db->query("SELECT * FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY ROUTINE_NAME")->fetchAll()),
        $db->query("SELECT SPECIFIC_NAME, ORDINAL_POSITION, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE() ORDER BY 1, 2")->fetchAll()];
});
check('LOAD DATA LOCAL', function () {
    global $host, $port, $user, $password, $database;
    $file = tempnam(sys_get_temp_dir(), 'load');
    file_put_contents($file, "1,\"it's\",2.5\n2,\\N,3\n3,\"with \"\"quotes\"\" é\",x\n");
    $db = mysqli_init();
    $db->options(MYSQLI_OPT_LOCAL_INFILE, true);
    $db->real_connect($host, $user, $password, $database, (int) $port);
    $db->set_charset('utf8mb4');
    $db->query('DROP TABLE IF EXISTS loaded');
    $db->query('CREATE TABLE loaded (a INT, b VARCHAR(50), c DOUBLE)');
    $answer = refused(function () use ($db, $file) {
        $db->query("LOAD DATA LOCAL INFILE '" . $db->real_escape_string($file) . "' INTO TABLE loaded CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'");
        return [$db->affected_rows, $db->info, $db->warning_count];
    });
    unlink($file);
    return [isset($answer['refused']) ? $answer['refused'] : $answer, $db->query('SELECT * FROM loaded ORDER BY a')->fetch_all()];
});
