<?php
// mysqli: statements, results, several results, errors, warnings, changes of user.
check('mysqli: prepared, every kind of parameter', function () {
    $db = improved();
    $db->query('DROP TABLE IF EXISTS bound');
    $db->query('CREATE TABLE bound (id INT AUTO_INCREMENT PRIMARY KEY, i BIGINT, d DOUBLE, s VARCHAR(50), b BLOB)');
    $s = $db->prepare('INSERT INTO bound (i, d, s, b) VALUES (?, ?, ?, ?)');
    $i = 5; $d = 2.5; $text = 'é'; $blob = null;
    $s->bind_param('idsb', $i, $d, $text, $blob);
    $s->send_long_data(3, "first\0");
    $s->send_long_data(3, "\xffsecond");
    $s->execute();
    $all = [[$s->affected_rows, $s->insert_id, $s->param_count, $s->field_count]];
    $i = null; $d = null; $text = null;
    $s->execute();
    $all[] = [$s->affected_rows, $s->insert_id, $s->errno, $s->sqlstate];
    $s->reset();
    $all[] = $db->query('SELECT * FROM bound ORDER BY id')->fetch_all(MYSQLI_ASSOC);
    return $all;
});
check('mysqli: execute with a list', function () {
    $db = improved();
    $s = $db->prepare('SELECT ? AS a, ? AS b, ? AS c');
    $s->execute([1, 'two', null]);
    return $s->get_result()->fetch_all(MYSQLI_ASSOC);
});
check('mysqli: a cursor', function () {
    $db = improved();
    $s = $db->prepare('SELECT id FROM people ORDER BY id');
    $s->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
    $s->attr_set(MYSQLI_STMT_ATTR_PREFETCH_ROWS, 1);
    $s->execute();
    $s->bind_result($id);
    $seen = [];
    while ($s->fetch()) $seen[] = $id;
    return $seen;
});
check('mysqli: several statements', function () {
    $db = improved();
    $db->multi_query("SELECT 1 AS a; INSERT INTO bound (i) VALUES (9); SELECT i FROM bound WHERE i = 9; DELETE FROM bound WHERE i = 9; SELECT 'end'");
    $all = [];
    do {
        $result = $db->store_result();
        $all[] = $result ? $result->fetch_all() : [$db->affected_rows, $db->field_count, $db->insert_id > 0];
    } while ($db->more_results() && $db->next_result());
    return $all;
});
check('mysqli: several statements, the third is wrong', fn() => refused(function () {
    $db = improved();
    $all = [];
    $db->multi_query('SELECT 1; SELECT 2; SELECT nowhere; SELECT 4');
    do {
        if ($result = $db->store_result()) $all[] = $result->fetch_all();
        try { $more = $db->next_result(); } catch (mysqli_sql_exception $e) { $all[] = refusal($e); $more = false; }
    } while ($more);
    return [$all, $db->query('SELECT 5')->fetch_all()];
}));
check('mysqli: not stored', function () {
    $db = improved();
    $result = $db->query('SELECT id FROM people ORDER BY id', MYSQLI_USE_RESULT);
    $first = $result->fetch_row();
    $second = refused(fn() => $db->query('SELECT 1'));
    $result->free();
    return [$first, $second, $db->query('SELECT 2')->fetch_row()];
});
check('mysqli: moving in a result', function () {
    $result = improved()->query('SELECT id, name FROM people ORDER BY id');
    $result->data_seek(2);
    return [$result->num_rows, $result->fetch_assoc(), $result->field_count, $result->lengths, $result->fetch_field_direct(1)->orgname, iterator_count($result)];
});
check('mysqli: fields of joins, views, expressions', function () {
    $db = improved();
    $db->query('CREATE OR REPLACE VIEW grown AS SELECT name AS called, age FROM people WHERE age > 20');
    $all = [];
    foreach (['SELECT p.name AS n, q.id x, COUNT(*) c FROM people p JOIN people AS q USING (id) GROUP BY p.name, q.id ORDER BY 1', 'SELECT * FROM grown ORDER BY 1',
        'SELECT called c, age + 1 FROM grown g ORDER BY 1', 'SELECT d.* FROM (SELECT id, name FROM people) d ORDER BY 1', 'SHOW TABLES', 'DESCRIBE people', 'SHOW CREATE TABLE people',
        'SELECT name FROM people UNION SELECT 1 ORDER BY 1', 'SHOW COLLATION LIKE \'utf8mb4_0900_ai_ci\'', 'SHOW DATABASES LIKE \'information%\'', 'SHOW INDEX FROM people', 'SHOW FULL COLUMNS FROM people'] as $text) {
        $result = $db->query($text);
        $all[$text] = [array_map(fn($f) => [$f->name, $f->orgname, $f->table, $f->orgtable, $f->type, $f->length, $f->charsetnr, $f->flags, $f->decimals], $result->fetch_fields()), $result->num_rows];
    }
    return $all;
});
check('mysqli: errors', function () {
    $db = improved();
    $all = [];
    foreach (['SELECT 1 FROM', 'SELECT a.b.c.d', 'INSERT INTO people VALUES (1)', 'ALTER TABLE people ADD COLUMN name INT', 'CREATE TABLE x (a INT, a INT)', 'SELECT * FROM people LIMIT -1',
        'SELECT @@nothing', 'SET nothing = 1', 'SET GLOBAL version = 1', 'KILL 999999999', 'SELECT DATE_FORMAT()', 'SELECT 1 UNION SELECT 1, 2', "SELECT 'a' COLLATE latin1_bin",
        'DROP DATABASE nothing', 'GRANT nothing ON *.* TO root', 'LOCK TABLES nothing READ', 'SELECT JSON_EXTRACT("{", "$")', 'SELECT ST_GeomFromText("x")', 'SELECT 1 INTO @a, @b',
        'INSERT INTO grown (called, age) VALUES (NULL, 1)', 'CREATE INDEX i ON people (nowhere)', 'SELECT id, COUNT(*) FROM people', 'SELECT 18446744073709551615 + 1', 'DELETE FROM people LIMIT x'] as $text) {
        try { $db->query($text); $all[$text] = 'not refused'; } catch (mysqli_sql_exception $e) { $all[$text] = refusal($e) + ['errno' => $db->errno, 'error list' => $db->error_list]; }
    }
    return $all;
});
check('mysqli: warnings and info', function () {
    $db = improved();
    $db->query("SET sql_mode = ''");
    $db->query("INSERT INTO bound (i, s) VALUES ('12x', REPEAT('y', 60)), (3, 'z')");
    $all = [$db->warning_count, $db->info];
    for ($w = $db->get_warnings(); $w; ) { $all[] = [$w->errno, $w->sqlstate, $w->message]; if (!$w->next()) break; }
    $db->query("UPDATE bound SET d = 1 WHERE i = 3");
    $all[] = $db->info;
    $db->query('ALTER TABLE bound ADD k INT');
    $all[] = $db->info;
    $db->query('INSERT INTO bound (i) SELECT i + 100 FROM bound');
    $all[] = $db->info;
    $db->query('ALTER TABLE bound DROP k');
    $db->query('DELETE FROM bound WHERE i > 10');
    $all[] = [$db->affected_rows, $db->info];
    return $all;
});
check('mysqli: client and session', function () {
    global $user, $password, $database;
    $db = improved();
    $db->query('SET @x = 1');
    $db->query('CREATE TEMPORARY TABLE passing (a INT)');
    $all = [$db->character_set_name(), $db->ping(), $db->protocol_version, $db->get_charset()->collation, $db->real_escape_string("a'b\\c\"d\n\0\x1a")];
    $db->change_user($user, $password, $database);
    $all[] = $db->query('SELECT @x')->fetch_row();
    $all[] = refused(fn() => $db->query('SELECT * FROM passing'));
    $all[] = $db->select_db('information_schema');
    $all[] = $db->query('SELECT DATABASE()')->fetch_row();
    $all[] = refused(fn() => $db->select_db('no_such_database'));
    $all[] = preg_match('/^Uptime: /', $db->stat());
    $all[] = $db->autocommit(false);
    $all[] = $db->query('SELECT @@autocommit')->fetch_row();
    return $all;
});
check('mysqli: asynchronous', function () {
    $db = improved();
    $db->query('SELECT SLEEP(0.05), 7', MYSQLI_ASYNC);
    do { $links = $errors = $refused = [$db]; } while (!mysqli_poll($links, $errors, $refused, 1));
    return $db->reap_async_query()->fetch_row();
});
check('mysqli: killed', function () {
    $one = improved(); $two = improved();
    $two->query('KILL ' . $one->thread_id);
    return refused(fn() => $one->query('SELECT 1'));
});
