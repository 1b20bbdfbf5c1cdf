// Tables and values that several drivers are driven with.
'use strict';

const everyType = `CREATE TABLE every_type (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tiny TINYINT, tiny_u TINYINT UNSIGNED, flag TINYINT(1) DEFAULT 1, small SMALLINT, medium MEDIUMINT, whole INT DEFAULT 7, whole_u INT UNSIGNED,
  big BIGINT, big_u BIGINT UNSIGNED, price DECIMAL(12,4), huge DECIMAL(65,30), single FLOAT, twice DOUBLE, bits BIT(12), one_bit BIT(1),
  letter CHAR(5), word VARCHAR(100) NOT NULL DEFAULT 'word' COMMENT 'a word', latin VARCHAR(20) CHARACTER SET latin1, fixed BINARY(4), bytes VARBINARY(50),
  tiny_text TINYTEXT, text_col TEXT, medium_text MEDIUMTEXT, long_text LONGTEXT, tiny_blob TINYBLOB, blob_col BLOB, long_blob LONGBLOB,
  day DATE, moment DATETIME, moment6 DATETIME(6), stamp TIMESTAMP NULL, stamp3 TIMESTAMP(3) NULL, clock TIME, clock3 TIME(3), year_col YEAR,
  kind ENUM('small','it''s','large'), several SET('a','b','c'), doc JSON, spot POINT, shape GEOMETRY,
  added INT GENERATED ALWAYS AS (whole * 2) VIRTUAL, kept VARCHAR(120) GENERATED ALWAYS AS (concat(word, '!')) STORED,
  made DATETIME DEFAULT CURRENT_TIMESTAMP, UNIQUE KEY by_word (word, kind), KEY by_day (day DESC)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='every type'`;

const columns = ['tiny', 'tiny_u', 'flag', 'small', 'medium', 'whole', 'whole_u', 'big', 'big_u', 'price', 'huge', 'single', 'twice', 'bits', 'one_bit',
  'letter', 'word', 'latin', 'fixed', 'bytes', 'tiny_text', 'text_col', 'medium_text', 'long_text', 'tiny_blob', 'blob_col', 'long_blob',
  'day', 'moment', 'moment6', 'stamp', 'stamp3', 'clock', 'clock3', 'year_col', 'kind', 'several', 'doc'];

const rows = [
  [-128, 255, 0, -32768, 8388607, -1073741824, 4294967295, '-9223372036854775808', '18446744073709551615', '12345678.9999',
    '12345678901234567890123456789012345.678901234567890123456789012345', 1.5, 0.1, Buffer.from([0x0a, 0xbc]), Buffer.from([1]),
    'abc', 'größe', 'é', Buffer.from('0102', 'hex'), Buffer.from('00ff', 'hex'), 'tiny', 'text 😀', 'medium', 'long', Buffer.from([0]), Buffer.from('blob'), Buffer.alloc(70000, 7),
    '2024-02-29', '2024-12-31 23:59:59', '2024-12-31 23:59:59.123456', '2030-01-01 00:00:01', '2024-05-05 05:05:05.555', '-838:59:59', '12:34:56.789', 1999, "it's", 'a,c', JSON.stringify({ b: [1, 2.5, null, true], a: 'x "y"' })],
  [127, 0, 1, 32767, -8388608, 1073741823, 0, '9223372036854775807', '0', '-0.0001', '-1', -1.25e-10, 1e308, Buffer.from([0, 0]), Buffer.from([0]),
    '', '', '', Buffer.from('00000000', 'hex'), Buffer.alloc(0), '', '', '', '', Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0),
    '1000-01-01', '1000-01-01 00:00:00', '9999-12-31 23:59:59.999999', '1970-01-02 00:00:01', '2038-01-19 03:14:07.000', '838:59:59', '00:00:00.001', 2155, 'small', '', '[]'],
  columns.map((name) => (name === 'word' ? 'null' : null)),
];

module.exports = { everyType, columns, rows };
