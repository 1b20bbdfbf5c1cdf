<?php
// Transactions of two connections, isolation, savepoints, locks, deadlocks, generated ids.
check('transactions', function () {
    $db = pdo();
    $db->exec('DROP TABLE IF EXISTS accounts');
    $db->exec('CREATE TABLE accounts (id INT AUTO_INCREMENT PRIMARY KEY, money INT NOT NULL) AUTO_INCREMENT = 10');
    $all = [$db->beginTransaction(), $db->inTransaction(), $db->exec('INSERT INTO accounts (money) VALUES (100), (200)'), $db->lastInsertId()];
    $db->rollBack();
    $all[] = [$db->inTransaction(), $db->query('SELECT COUNT(*) FROM accounts')->fetchColumn()];
    $db->beginTransaction();
    $db->exec('INSERT INTO accounts (money) VALUES (1), (2)');
    $db->exec('SAVEPOINT here');
    $db->exec('UPDATE accounts SET money = 5');
    $db->exec('ROLLBACK TO SAVEPOINT here');
    $all[] = refused(fn() => $db->exec('ROLLBACK TO SAVEPOINT nowhere'));
    $all[] = refused(fn() => $db->beginTransaction());
    $db->commit();
    $all[] = $db->query('SELECT money FROM accounts ORDER BY id')->fetchAll(PDO::FETCH_COLUMN);
    $all[] = refused(fn() => $db->commit());
    $db->beginTransaction();
    $db->exec('INSERT INTO accounts (money) VALUES (3)');
    $db->exec('CREATE TABLE IF NOT EXISTS made (a INT)');
    $all[] = [$db->inTransaction(), refused(fn() => $db->commit()), $db->query('SELECT COUNT(*) FROM accounts')->fetchColumn()];
    $db->exec('DROP TABLE made');
    return $all;
});
check('two connections', function () {
    $one = pdo(); $two = pdo();
    $one->exec('DELETE FROM accounts');
    $one->exec('INSERT INTO accounts (id, money) VALUES (1, 100)');
    $all = [];
    $one->beginTransaction();
    $all[] = $one->query('SELECT money FROM accounts')->fetchColumn();
    $two->exec('UPDATE accounts SET money = 200');
    $all[] = $one->query('SELECT money FROM accounts')->fetchColumn();
    $one->commit();
    $all[] = $one->query('SELECT money FROM accounts')->fetchColumn();
    $one->exec('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
    $one->beginTransaction();
    $all[] = $one->query('SELECT money FROM accounts')->fetchColumn();
    $two->exec('UPDATE accounts SET money = 300');
    $all[] = $one->query('SELECT money FROM accounts')->fetchColumn();
    $one->commit();
    $two->exec('SET innodb_lock_wait_timeout = 1');
    $one->beginTransaction();
    $one->query('SELECT * FROM accounts WHERE id = 1 FOR UPDATE')->fetchAll();
    $all[] = refused(fn() => $two->exec('UPDATE accounts SET money = 400'));
    $all[] = refused(fn() => $two->query('SELECT * FROM accounts WHERE id = 1 FOR UPDATE NOWAIT')->fetchAll());
    $all[] = $two->query('SELECT * FROM accounts FOR UPDATE SKIP LOCKED')->fetchAll();
    $one->rollBack();
    $one->exec('START TRANSACTION READ ONLY');
    $all[] = refused(fn() => $one->exec('UPDATE accounts SET money = 1'));
    $one->exec('COMMIT');
    return $all;
});
check('mysqli transactions', function () {
    $db = improved();
    $db->begin_transaction(MYSQLI_TRANS_START_READ_WRITE);
    $db->query('INSERT INTO accounts (id, money) VALUES (50, 1)');
    $db->savepoint('s');
    $db->query('DELETE FROM accounts');
    $gone = $db->affected_rows;
    $db->query('ROLLBACK TO s');
    $db->release_savepoint('s');
    $db->commit();
    $db->begin_transaction(MYSQLI_TRANS_START_WITH_CONSISTENT_SNAPSHOT);
    $rows = $db->query('SELECT * FROM accounts ORDER BY id')->fetch_all();
    $db->rollback();
    return [$gone, $rows];
});
check('named locks', function () {
    $one = pdo(); $two = pdo();
    $all = [$one->query("SELECT GET_LOCK('php_checks', 1)")->fetchColumn(), $two->query("SELECT GET_LOCK('php_checks', 0)")->fetchColumn(), $two->query("SELECT RELEASE_LOCK('php_checks')")->fetchColumn(),
        $two->query("SELECT IS_FREE_LOCK('php_checks')")->fetchColumn(), $one->query("SELECT RELEASE_LOCK('php_checks')")->fetchColumn(), $two->query("SELECT RELEASE_LOCK('php_checks_none')")->fetchColumn()];
    return $all;
});
check('foreign keys', function () {
    $db = pdo();
    $db->exec('DROP TABLE IF EXISTS children, parents');
    $db->exec('CREATE TABLE parents (id INT PRIMARY KEY)');
    $db->exec('CREATE TABLE children (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE SET NULL)');
    $db->exec('INSERT INTO parents VALUES (1), (2)');
    $db->exec('INSERT INTO children (parent) VALUES (1), (1), (2)');
    $all = [preg_replace('/`[^`]*`\./', '', json_encode(refused(fn() => $db->exec('INSERT INTO children (parent) VALUES (7)'))))];
    $all[] = [$db->exec('DELETE FROM parents WHERE id = 1'), $db->query('SELECT COUNT(*) FROM children')->fetchColumn()];
    $all[] = [$db->exec('UPDATE parents SET id = 5 WHERE id = 2'), $db->query('SELECT parent FROM children')->fetchAll()];
    $all[] = preg_replace('/`[^`]*`\./', '', json_encode(refused(fn() => $db->exec('DROP TABLE parents'))));
    return $all;
});
check('generated ids', function () {
    $db = pdo();
    $db->exec('DROP TABLE IF EXISTS numbered');
    $db->exec('CREATE TABLE numbered (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, v INT UNIQUE)');
    $all = [];
    foreach (['INSERT INTO numbered (v) VALUES (1)', 'INSERT INTO numbered (v) VALUES (2), (3)', 'INSERT INTO numbered (id, v) VALUES (100, 4)', 'INSERT INTO numbered (v) VALUES (5)',
        'INSERT IGNORE INTO numbered (v) VALUES (5)', 'INSERT INTO numbered (v) VALUES (5) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)', 'REPLACE INTO numbered (v) VALUES (5)', 'UPDATE numbered SET v = 50 WHERE v = 5',
        'INSERT INTO numbered (id, v) VALUES (NULL, 6)', 'INSERT INTO numbered (id, v) VALUES (0, 7)', 'INSERT INTO numbered (v) SELECT v + 100 FROM numbered', 'INSERT INTO numbered (v) VALUES (8)',
        'INSERT INTO numbered (id, v) VALUES (18446744073709551610, 9)', 'INSERT INTO numbered (v) VALUES (10)', 'DELETE FROM numbered', 'INSERT INTO numbered (v) VALUES (11)'] as $text)
        $all[] = [$text, refused(fn() => [$db->exec($text), $db->lastInsertId()]), $db->query('SELECT LAST_INSERT_ID()')->fetchColumn()];
    return $all;
});
