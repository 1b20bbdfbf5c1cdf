CREATE DATABASE IF NOT EXISTS `DB` CHARACTER SET utf8mb4;
USE `DB`;
CREATE TABLE customers (
  id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(120) UNIQUE, balance DECIMAL(12,2) NOT NULL DEFAULT 0,
  born DATE, vip BOOLEAN NOT NULL DEFAULT FALSE, created TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3), updated DATETIME(6));
CREATE TABLE items (order_id BIGINT, line SMALLINT, sku VARCHAR(20) NOT NULL, qty INT UNSIGNED, price DECIMAL(10,3), PRIMARY KEY (order_id, line));
CREATE TABLE codes (code VARCHAR(20) PRIMARY KEY, label TEXT, weight DOUBLE);
CREATE TABLE kinds (
  id INT PRIMARY KEY, ti TINYINT, tu TINYINT UNSIGNED, si SMALLINT, mi MEDIUMINT, bi BIGINT, bu BIGINT UNSIGNED, f FLOAT, d DOUBLE, de DECIMAL(20,6),
  b1 BIT(1), b8 BIT(8), ch CHAR(10), vc VARCHAR(200), tx TEXT, vb VARBINARY(20), bl BLOB, en ENUM('red','green','blue'), se SET('x','y','z'), js JSON,
  ye YEAR, da DATE, t0 TIME, t6 TIME(6), dt DATETIME, d3 DATETIME(3), d6 DATETIME(6), ts TIMESTAMP NULL, t3 TIMESTAMP(6) NULL);
CREATE TABLE wiped (id INT PRIMARY KEY, v VARCHAR(10));
CREATE TABLE journal (at DATETIME(6) NOT NULL, line VARCHAR(100));
-- next
USE `DB`;
INSERT INTO customers (name, email, balance, born, vip, updated)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
  SELECT CONCAT('Kunde ', i, ' ü 🙂'), IF(i % 7, CONCAT('c', i, '@example.com'), NULL), i * 1.25, DATE_ADD('1970-01-01', INTERVAL i DAY), i % 3 = 0,
    IF(i % 5, DATE_ADD('2024-01-01 00:00:00.123456', INTERVAL i MINUTE), NULL) FROM n;
INSERT INTO items SELECT 1000 + id, 1, CONCAT('sku-', id), id, id * 0.125 FROM customers WHERE id <= 200;
INSERT INTO items SELECT 1000 + id, 2, CONCAT('sku-', id, 'b'), NULL, NULL FROM customers WHERE id <= 100;
-- next
USE `DB`;
SET time_zone = '+02:00';
INSERT INTO codes VALUES ('a', 'first', 1.5), ('b', 'it''s "quoted" \\ and\nlong', -1e-10), ('c', NULL, NULL), ('d', '', 1e300);
INSERT INTO kinds (id) VALUES (1);
INSERT INTO kinds VALUES (2, -128, 255, -32768, 8388607, -9223372036854775808, 9223372036854775807, 1.5, 0.1, -12345678901234.123456, b'1', b'01100101', 'char', 'väöü',
  REPEAT('text ', 300), x'00ff10', x'0001fe', 'green', 'x,z', '{"a": [1, 2.5, null], "b": "ü"}', 2024, '2024-02-29', '12:34:56', '23:59:59.999999',
  '2024-02-29 12:34:56', '1970-01-01 00:00:00.001', '9999-12-31 23:59:59.999999', '2024-06-01 12:00:00', '2024-06-01 12:00:00.654321');
INSERT INTO kinds VALUES (3, 127, 0, 32767, -8388608, 9223372036854775807, 0, -0.25, -1e10, 0, b'0', b'0', '', '', '', '', '', 'red', '', '[]',
  1901, '1000-01-01', '00:00:00', '00:00:00.000001', '1000-01-01 00:00:00', '2038-01-19 03:14:07.999', '1000-01-01 00:00:00', '1970-01-02 00:00:00', '2038-01-01 00:00:00');
INSERT INTO wiped VALUES (1, 'one'), (2, 'two');
INSERT INTO journal VALUES ('2024-01-01 00:00:00', 'begin'), ('2024-01-01 00:00:00', 'begin'), ('2024-01-01 00:00:01.5', NULL);
