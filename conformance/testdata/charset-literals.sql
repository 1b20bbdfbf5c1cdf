-- Introducers, conversions and connection character sets.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: introducers
SELECT HEX(_ucs2'abc'), HEX(_ucs2 x'61'), HEX(_utf32 x'61'), HEX(_utf16le x'61'), HEX(_utf16 0x61), HEX(_utf16 b'1100001');
SELECT _gbk x'FFFF';
SELECT _gbk x'81';
SELECT _utf16 x'D800';
SELECT _utf16 x'D83DDE00', HEX(_utf16 x'D83DDE00'), CHAR_LENGTH(_utf16 x'D83DDE00'), LENGTH(_utf16 x'D83DDE00');
SELECT _utf32 x'00110000';
SELECT _utf8mb4 x'FF';
SELECT _utf8mb3 x'F09F9880';
SELECT CONVERT(x'FFFF' USING gbk);
SHOW WARNINGS;
SELECT CONVERT(x'FF' USING utf8mb4);
SHOW WARNINGS;
SELECT _sjis x'8140' a, _latin1 x'E4' b, _latin1'ä' c, HEX(_latin1'ä') d, LENGTH(_gbk'ä'), CHAR_LENGTH(_gbk'ä');
SELECT _latin1'ä' = 'Ã¤', _utf8mb4 x'C3A4';
SELECT CONVERT(x'D800' USING utf16), CONVERT(x'61' USING ucs2), CONVERT('abc' USING utf16), HEX(CONVERT('a' USING ucs2)), HEX(CONVERT('日本' USING gbk)), HEX(CONVERT('日本' USING latin1)), CAST('ä' AS CHAR CHARACTER SET koi8r);
SHOW WARNINGS;
SELECT CAST(x'61' AS CHAR CHARACTER SET ucs2), CAST(x'FFFF' AS CHAR CHARACTER SET gbk);
SHOW WARNINGS;
SELECT CHARSET(CONCAT(_gbk x'B0A1', _utf8mb4'ä')), CHARSET(CONCAT(_utf16 x'00E4', _utf8mb4'ä' COLLATE utf8mb4_bin));
SELECT CONCAT(_gbk x'B0A1', _big5 x'A440');
SELECT LENGTH(_utf16 x'006100620063' COLLATE utf16_unicode_ci), CHAR_LENGTH(_utf16 x'006100620063' COLLATE utf16_unicode_ci), UPPER(_utf16 x'006100420063'), LOWER(_utf16 x'004100620043');
SELECT RPAD(_utf16 x'006100620063' COLLATE utf16_unicode_ci, 6, 'z');
SELECT SUBSTRING(_utf16 x'0061006200630064' COLLATE utf16_unicode_ci, 2, 2), FROM_BASE64(_utf16 x'00590057004A006A' COLLATE utf16_unicode_ci), TRIM(_utf16 x'00200020006100200062' COLLATE utf16_unicode_ci), HEX(TO_BASE64(_utf16 x'0061'));
SELECT HEX(_utf16 x'006100620063' COLLATE utf16_unicode_ci), BINARY(_utf16 x'0061');
SELECT STRCMP(_utf8mb4'A' COLLATE utf8mb4_0900_ai_ci, _latin1'b' COLLATE latin1_general_cs);
SELECT _utf16 x'0061' COLLATE utf16_general_ci = _utf16 x'0041' COLLATE utf16_general_ci, _utf16 x'0061' COLLATE utf16_bin = _utf16 x'0041' COLLATE utf16_bin;
SELECT HEX(WEIGHT_STRING(_utf16 x'00610062' COLLATE utf16_bin)), HEX(WEIGHT_STRING('aé' COLLATE utf8mb4_bin)), HEX(WEIGHT_STRING(_ucs2 x'00E4' COLLATE ucs2_bin)), HEX(WEIGHT_STRING('aé' COLLATE utf8mb4_0900_bin));
SELECT _koi8r x'C1', _cp866 x'80', _cp1251 x'E0', _greek x'E1', _hebrew x'E0', _cp850 x'84', _macroman x'8A', _big5 x'A440', _euckr x'B0A1', _ujis x'A4A2', _eucjpms x'ADA1', _cp932 x'8740', _gb2312 x'B0A1', _gb18030 x'81308130', _gb18030 x'9439FC36';
SELECT CHAR(0xB0A1 USING gbk), CHAR(0x8140 USING sjis), CHAR(0x00E4 USING ucs2), CHAR(0xFF USING utf8mb4);
SHOW WARNINGS;
SELECT 'a' COLLATE gbk_chinese_ci;
SELECT _gbk'a' COLLATE gbk_bin, _nosuch'a';

-- script: connection
SET NAMES ucs2;
SET NAMES utf16;
SET character_set_client = utf32;
SET character_set_client = utf16le;
SET NAMES utf8mb4;
SET character_set_connection = utf16;
SELECT 'a', HEX('a'), CHARSET('a'), HEX('a '), HEX(12), CHARSET(12), LENGTH(CONCAT('a', 1));
SET character_set_connection = gbk;
SELECT '中', HEX('中'), CHARSET('中'), LENGTH('中'), UPPER('a'), '☃' x;
SET NAMES utf8mb4;
SET character_set_results = NULL;
SELECT 'ä', _latin1 x'E4', @@character_set_results;
SET NAMES DEFAULT;
SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection;
SET NAMES 'gbk' COLLATE 'gbk_bin';
SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection;
SET NAMES gbk COLLATE big5_chinese_ci;
SET NAMES nosuch;
SET NAMES utf8mb4 COLLATE nosuch;
SET CHARACTER SET koi8r;
SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection;
SET NAMES binary;
SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection, CHARSET('a'), HEX('ä'), LENGTH('ä');

-- script: binary client
CREATE TABLE t (id INT PRIMARY KEY, l VARCHAR(10) CHARACTER SET latin1, u VARCHAR(10) CHARACTER SET utf8mb4, g VARCHAR(10) CHARACTER SET gbk, b VARBINARY(10));
SET NAMES binary;
INSERT INTO t VALUES (1, 'a', 'ä', 'a', 'ä');
INSERT INTO t VALUES (2, x'E4', x'C3A4', x'D6D0', x'E4');
INSERT INTO t VALUES (3, 'a', x'FF', 'a', 'a');
INSERT INTO t VALUES (4, 'a', 'a', x'81', 'a');
SET NAMES utf8mb4;
SELECT id, l, u, g, HEX(l), HEX(u), HEX(g), HEX(b) FROM t ORDER BY id;

-- script: mixed columns
CREATE TABLE t (a VARCHAR(10) CHARACTER SET gbk, b VARCHAR(10) CHARACTER SET utf8mb4, c VARCHAR(10) CHARACTER SET utf16, d VARCHAR(10) CHARACTER SET latin1, e VARCHAR(10) CHARACTER SET big5);
INSERT INTO t VALUES ('中a', '中a', '中a', 'a', '中a');
SELECT a = b, b = c, a = 'A', CHARSET(CONCAT(a, b)), CHARSET(CONCAT(b, c)), COLLATION(IFNULL(a, b)) FROM t;
SELECT a = e FROM t;
SELECT a = c FROM t;
SELECT b = d, CHARSET(CONCAT(b, d)), CHARSET(CONCAT(d, 'x')), CHARSET(CONCAT(a, 'x')) FROM t;
SELECT CONCAT(a, d) FROM t;
SELECT a FROM t UNION SELECT b FROM t;
ALTER TABLE t MODIFY a VARCHAR(10) CHARACTER SET utf8mb4, MODIFY c VARCHAR(10) CHARACTER SET ucs2;
SELECT HEX(a), HEX(c) FROM t;
ALTER TABLE t MODIFY b VARCHAR(10) CHARACTER SET latin1;
ALTER TABLE t CONVERT TO CHARACTER SET gb18030;
SELECT HEX(a), HEX(e) FROM t;
SHOW CREATE TABLE t;
CREATE TABLE k (a VARCHAR(800) CHARACTER SET utf32, KEY (a));
CREATE TABLE m (a VARCHAR(16384) CHARACTER SET utf32);
CREATE TABLE n (a CHAR(255) CHARACTER SET utf32, b ENUM('ä','b') CHARACTER SET utf16, c SET('x','中') CHARACTER SET gbk);
INSERT INTO n VALUES ('ä', 'ä', 'x,中');
SELECT a, b, c, b + 0, c + 0, HEX(b), HEX(c), LENGTH(a) FROM n;
SHOW CREATE TABLE n;
CREATE DATABASE {database}_u CHARACTER SET utf16;
CREATE TABLE {database}_u.t (a VARCHAR(5));
SHOW CREATE TABLE {database}_u.t;
DROP DATABASE {database}_u;
