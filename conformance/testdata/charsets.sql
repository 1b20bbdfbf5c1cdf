-- Character sets: columns, introducers, conversion, order and uniqueness under their collations.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: gbk
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET gbk, d CHAR(4) CHARACTER SET gbk, e TEXT CHARACTER SET gbk);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '啊', '啊', '啊啊'), (3, '阿', '阿', '阿阿'), (4, '本', '本', '本本'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'é', 'é', 'éé'), (8, 'Б', 'Б', 'ББ'), (9, 'б', 'б', 'бб'), (10, 'Ａ', 'Ａ', 'ＡＡ'), (11, 'ａ', 'ａ', 'ａａ'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING gbk)), CONVERT(CONVERT('中☃' USING gbk) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET gbk);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _gbk x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET gbk PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('啊');
INSERT INTO u VALUES ('阿');
INSERT INTO u VALUES ('本');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: gbk_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET gbk COLLATE gbk_bin, d CHAR(4) CHARACTER SET gbk COLLATE gbk_bin, e TEXT CHARACTER SET gbk COLLATE gbk_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '啊', '啊', '啊啊'), (3, '阿', '阿', '阿阿'), (4, '本', '本', '本本'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'é', 'é', 'éé'), (8, 'Б', 'Б', 'ББ'), (9, 'б', 'б', 'бб'), (10, 'Ａ', 'Ａ', 'ＡＡ'), (11, 'ａ', 'ａ', 'ａａ'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET gbk COLLATE gbk_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('啊');
INSERT INTO u VALUES ('阿');
INSERT INTO u VALUES ('本');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: gb2312
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET gb2312, d CHAR(4) CHARACTER SET gb2312, e TEXT CHARACTER SET gb2312);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '啊', '啊', '啊啊'), (3, '阿', '阿', '阿阿'), (4, '本', '本', '本本'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING gb2312)), CONVERT(CONVERT('中☃' USING gb2312) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET gb2312);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _gb2312 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET gb2312 PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('啊');
INSERT INTO u VALUES ('阿');
INSERT INTO u VALUES ('本');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: gb18030
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET gb18030, d CHAR(4) CHARACTER SET gb18030, e TEXT CHARACTER SET gb18030);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '啊', '啊', '啊啊'), (3, '阿', '阿', '阿阿'), (4, '本', '本', '本本'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'é', 'é', 'éé'), (8, 'É', 'É', 'ÉÉ'), (9, 'Б', 'Б', 'ББ'), (10, 'б', 'б', 'бб'), (11, 'Ａ', 'Ａ', 'ＡＡ'), (12, 'ａ', 'ａ', 'ａａ'), (13, '😀', '😀', '😀😀'), (14, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING gb18030)), CONVERT(CONVERT('中☃' USING gb18030) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET gb18030);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _gb18030 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET gb18030 PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('啊');
INSERT INTO u VALUES ('阿');
INSERT INTO u VALUES ('本');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('É');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: gb18030_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET gb18030 COLLATE gb18030_bin, d CHAR(4) CHARACTER SET gb18030 COLLATE gb18030_bin, e TEXT CHARACTER SET gb18030 COLLATE gb18030_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '啊', '啊', '啊啊'), (3, '阿', '阿', '阿阿'), (4, '本', '本', '本本'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'é', 'é', 'éé'), (8, 'É', 'É', 'ÉÉ'), (9, 'Б', 'Б', 'ББ'), (10, 'б', 'б', 'бб'), (11, 'Ａ', 'Ａ', 'ＡＡ'), (12, 'ａ', 'ａ', 'ａａ'), (13, '😀', '😀', '😀😀'), (14, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET gb18030 COLLATE gb18030_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('啊');
INSERT INTO u VALUES ('阿');
INSERT INTO u VALUES ('本');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('É');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: gb18030_unicode_520_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET gb18030 COLLATE gb18030_unicode_520_ci, d CHAR(4) CHARACTER SET gb18030 COLLATE gb18030_unicode_520_ci, e TEXT CHARACTER SET gb18030 COLLATE gb18030_unicode_520_ci);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '啊', '啊', '啊啊'), (3, '阿', '阿', '阿阿'), (4, '本', '本', '本本'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'é', 'é', 'éé'), (8, 'É', 'É', 'ÉÉ'), (9, 'Б', 'Б', 'ББ'), (10, 'б', 'б', 'бб'), (11, 'Ａ', 'Ａ', 'ＡＡ'), (12, 'ａ', 'ａ', 'ａａ'), (13, '😀', '😀', '😀😀'), (14, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET gb18030 COLLATE gb18030_unicode_520_ci PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('啊');
INSERT INTO u VALUES ('阿');
INSERT INTO u VALUES ('本');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('É');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: big5
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET big5, d CHAR(4) CHARACTER SET big5, e TEXT CHARACTER SET big5);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '一', '一', '一一'), (3, '二', '二', '二二'), (4, '三', '三', '三三'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING big5)), CONVERT(CONVERT('中☃' USING big5) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET big5);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _big5 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET big5 PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('一');
INSERT INTO u VALUES ('二');
INSERT INTO u VALUES ('三');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: big5_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET big5 COLLATE big5_bin, d CHAR(4) CHARACTER SET big5 COLLATE big5_bin, e TEXT CHARACTER SET big5 COLLATE big5_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, '一', '一', '一一'), (3, '二', '二', '二二'), (4, '三', '三', '三三'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET big5 COLLATE big5_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('一');
INSERT INTO u VALUES ('二');
INSERT INTO u VALUES ('三');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: sjis
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET sjis, d CHAR(4) CHARACTER SET sjis, e TEXT CHARACTER SET sjis);
INSERT INTO t VALUES (1, '日', '日', '日日'), (2, 'ア', 'ア', 'アア'), (3, 'ｱ', 'ｱ', 'ｱｱ'), (4, 'あ', 'あ', 'ああ'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, '表', '表', '表表'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '日' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('日a' USING sjis)), CONVERT(CONVERT('日☃' USING sjis) USING utf8mb4), CAST('日' AS CHAR CHARACTER SET sjis);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _sjis x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET sjis PRIMARY KEY);
INSERT INTO u VALUES ('日');
INSERT INTO u VALUES ('ア');
INSERT INTO u VALUES ('ｱ');
INSERT INTO u VALUES ('あ');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('表');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: sjis_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET sjis COLLATE sjis_bin, d CHAR(4) CHARACTER SET sjis COLLATE sjis_bin, e TEXT CHARACTER SET sjis COLLATE sjis_bin);
INSERT INTO t VALUES (1, '日', '日', '日日'), (2, 'ア', 'ア', 'アア'), (3, 'ｱ', 'ｱ', 'ｱｱ'), (4, 'あ', 'あ', 'ああ'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, '表', '表', '表表'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '日' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET sjis COLLATE sjis_bin PRIMARY KEY);
INSERT INTO u VALUES ('日');
INSERT INTO u VALUES ('ア');
INSERT INTO u VALUES ('ｱ');
INSERT INTO u VALUES ('あ');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('表');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp932
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp932, d CHAR(4) CHARACTER SET cp932, e TEXT CHARACTER SET cp932);
INSERT INTO t VALUES (1, '日', '日', '日日'), (2, 'ア', 'ア', 'アア'), (3, 'ｱ', 'ｱ', 'ｱｱ'), (4, 'あ', 'あ', 'ああ'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, '①', '①', '①①'), (12, '㈱', '㈱', '㈱㈱'), (13, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '日' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('日a' USING cp932)), CONVERT(CONVERT('日☃' USING cp932) USING utf8mb4), CAST('日' AS CHAR CHARACTER SET cp932);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp932 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp932 PRIMARY KEY);
INSERT INTO u VALUES ('日');
INSERT INTO u VALUES ('ア');
INSERT INTO u VALUES ('ｱ');
INSERT INTO u VALUES ('あ');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('①');
INSERT INTO u VALUES ('㈱');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: ujis
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET ujis, d CHAR(4) CHARACTER SET ujis, e TEXT CHARACTER SET ujis);
INSERT INTO t VALUES (1, '日', '日', '日日'), (2, 'ア', 'ア', 'アア'), (3, 'ｱ', 'ｱ', 'ｱｱ'), (4, 'あ', 'あ', 'ああ'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, 'é', 'é', 'éé'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '日' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('日a' USING ujis)), CONVERT(CONVERT('日☃' USING ujis) USING utf8mb4), CAST('日' AS CHAR CHARACTER SET ujis);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _ujis x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET ujis PRIMARY KEY);
INSERT INTO u VALUES ('日');
INSERT INTO u VALUES ('ア');
INSERT INTO u VALUES ('ｱ');
INSERT INTO u VALUES ('あ');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: ujis_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET ujis COLLATE ujis_bin, d CHAR(4) CHARACTER SET ujis COLLATE ujis_bin, e TEXT CHARACTER SET ujis COLLATE ujis_bin);
INSERT INTO t VALUES (1, '日', '日', '日日'), (2, 'ア', 'ア', 'アア'), (3, 'ｱ', 'ｱ', 'ｱｱ'), (4, 'あ', 'あ', 'ああ'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, 'é', 'é', 'éé'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '日' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET ujis COLLATE ujis_bin PRIMARY KEY);
INSERT INTO u VALUES ('日');
INSERT INTO u VALUES ('ア');
INSERT INTO u VALUES ('ｱ');
INSERT INTO u VALUES ('あ');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: eucjpms
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET eucjpms, d CHAR(4) CHARACTER SET eucjpms, e TEXT CHARACTER SET eucjpms);
INSERT INTO t VALUES (1, '日', '日', '日日'), (2, 'ア', 'ア', 'アア'), (3, 'ｱ', 'ｱ', 'ｱｱ'), (4, 'あ', 'あ', 'ああ'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, '①', '①', '①①'), (12, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '日' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('日a' USING eucjpms)), CONVERT(CONVERT('日☃' USING eucjpms) USING utf8mb4), CAST('日' AS CHAR CHARACTER SET eucjpms);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _eucjpms x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET eucjpms PRIMARY KEY);
INSERT INTO u VALUES ('日');
INSERT INTO u VALUES ('ア');
INSERT INTO u VALUES ('ｱ');
INSERT INTO u VALUES ('あ');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('①');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: euckr
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET euckr, d CHAR(4) CHARACTER SET euckr, e TEXT CHARACTER SET euckr);
INSERT INTO t VALUES (1, '가', '가', '가가'), (2, '나', '나', '나나'), (3, '힣', '힣', '힣힣'), (4, '中', '中', '中中'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '가' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('가a' USING euckr)), CONVERT(CONVERT('가☃' USING euckr) USING utf8mb4), CAST('가' AS CHAR CHARACTER SET euckr);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _euckr x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET euckr PRIMARY KEY);
INSERT INTO u VALUES ('가');
INSERT INTO u VALUES ('나');
INSERT INTO u VALUES ('힣');
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: euckr_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET euckr COLLATE euckr_bin, d CHAR(4) CHARACTER SET euckr COLLATE euckr_bin, e TEXT CHARACTER SET euckr COLLATE euckr_bin);
INSERT INTO t VALUES (1, '가', '가', '가가'), (2, '나', '나', '나나'), (3, '힣', '힣', '힣힣'), (4, '中', '中', '中中'), (5, 'A', 'A', 'AA'), (6, 'a', 'a', 'aa'), (7, 'Б', 'Б', 'ББ'), (8, 'б', 'б', 'бб'), (9, 'Ａ', 'Ａ', 'ＡＡ'), (10, 'ａ', 'ａ', 'ａａ'), (11, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '가' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET euckr COLLATE euckr_bin PRIMARY KEY);
INSERT INTO u VALUES ('가');
INSERT INTO u VALUES ('나');
INSERT INTO u VALUES ('힣');
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('Ａ');
INSERT INTO u VALUES ('ａ');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: ucs2
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET ucs2, d CHAR(4) CHARACTER SET ucs2, e TEXT CHARACTER SET ucs2);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING ucs2)), CONVERT(CONVERT('中☃' USING ucs2) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET ucs2);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _ucs2 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET ucs2 PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: ucs2_unicode_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET ucs2 COLLATE ucs2_unicode_ci, d CHAR(4) CHARACTER SET ucs2 COLLATE ucs2_unicode_ci, e TEXT CHARACTER SET ucs2 COLLATE ucs2_unicode_ci);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET ucs2 COLLATE ucs2_unicode_ci PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: ucs2_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET ucs2 COLLATE ucs2_bin, d CHAR(4) CHARACTER SET ucs2 COLLATE ucs2_bin, e TEXT CHARACTER SET ucs2 COLLATE ucs2_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET ucs2 COLLATE ucs2_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf16
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf16, d CHAR(4) CHARACTER SET utf16, e TEXT CHARACTER SET utf16);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, '😀', '😀', '😀😀'), (10, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING utf16)), CONVERT(CONVERT('中☃' USING utf16) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET utf16);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _utf16 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf16 PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf16_unicode_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf16 COLLATE utf16_unicode_ci, d CHAR(4) CHARACTER SET utf16 COLLATE utf16_unicode_ci, e TEXT CHARACTER SET utf16 COLLATE utf16_unicode_ci);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, '😀', '😀', '😀😀'), (10, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf16 COLLATE utf16_unicode_ci PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf16_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf16 COLLATE utf16_bin, d CHAR(4) CHARACTER SET utf16 COLLATE utf16_bin, e TEXT CHARACTER SET utf16 COLLATE utf16_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, '😀', '😀', '😀😀'), (10, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf16 COLLATE utf16_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf16_spanish_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf16 COLLATE utf16_spanish_ci, d CHAR(4) CHARACTER SET utf16 COLLATE utf16_spanish_ci, e TEXT CHARACTER SET utf16 COLLATE utf16_spanish_ci);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, 'ss', 'ss', 'ssss'), (8, 'é', 'é', 'éé'), (9, '😀', '😀', '😀😀'), (10, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf16 COLLATE utf16_spanish_ci PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ss');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf16le
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf16le, d CHAR(4) CHARACTER SET utf16le, e TEXT CHARACTER SET utf16le);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, '😀', '😀', '😀😀'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING utf16le)), CONVERT(CONVERT('中☃' USING utf16le) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET utf16le);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _utf16le x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf16le PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf16le_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf16le COLLATE utf16le_bin, d CHAR(4) CHARACTER SET utf16le COLLATE utf16le_bin, e TEXT CHARACTER SET utf16le COLLATE utf16le_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, '😀', '😀', '😀😀'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf16le COLLATE utf16le_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf32
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf32, d CHAR(4) CHARACTER SET utf32, e TEXT CHARACTER SET utf32);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, '😀', '😀', '😀😀'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('中a' USING utf32)), CONVERT(CONVERT('中☃' USING utf32) USING utf8mb4), CAST('中' AS CHAR CHARACTER SET utf32);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _utf32 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf32 PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf32_unicode_520_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf32 COLLATE utf32_unicode_520_ci, d CHAR(4) CHARACTER SET utf32 COLLATE utf32_unicode_520_ci, e TEXT CHARACTER SET utf32 COLLATE utf32_unicode_520_ci);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, '😀', '😀', '😀😀'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf32 COLLATE utf32_unicode_520_ci PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: utf32_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET utf32 COLLATE utf32_bin, d CHAR(4) CHARACTER SET utf32 COLLATE utf32_bin, e TEXT CHARACTER SET utf32 COLLATE utf32_bin);
INSERT INTO t VALUES (1, '中', '中', '中中'), (2, 'ä', 'ä', 'ää'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'Ä', 'Ä', 'ÄÄ'), (6, 'ß', 'ß', 'ßß'), (7, '😀', '😀', '😀😀'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > '中' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET utf32 COLLATE utf32_bin PRIMARY KEY);
INSERT INTO u VALUES ('中');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('😀');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp850
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp850, d CHAR(4) CHARACTER SET cp850, e TEXT CHARACTER SET cp850);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING cp850)), CONVERT(CONVERT('ä☃' USING cp850) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET cp850);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp850 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp850 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp850_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp850 COLLATE cp850_bin, d CHAR(4) CHARACTER SET cp850 COLLATE cp850_bin, e TEXT CHARACTER SET cp850 COLLATE cp850_bin);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp850 COLLATE cp850_bin PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp852
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp852, d CHAR(4) CHARACTER SET cp852, e TEXT CHARACTER SET cp852);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'č', 'č', 'čč'), (5, 'Č', 'Č', 'ČČ'), (6, 'ł', 'ł', 'łł'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING cp852)), CONVERT(CONVERT('ä☃' USING cp852) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET cp852);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp852 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp852 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('ł');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp866
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp866, d CHAR(4) CHARACTER SET cp866, e TEXT CHARACTER SET cp866);
INSERT INTO t VALUES (1, 'Б', 'Б', 'ББ'), (2, 'б', 'б', 'бб'), (3, 'а', 'а', 'аа'), (4, 'А', 'А', 'АА'), (5, 'ё', 'ё', 'ёё'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'Б' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('Бa' USING cp866)), CONVERT(CONVERT('Б☃' USING cp866) USING utf8mb4), CAST('Б' AS CHAR CHARACTER SET cp866);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp866 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp866 PRIMARY KEY);
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('а');
INSERT INTO u VALUES ('А');
INSERT INTO u VALUES ('ё');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: koi8r
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET koi8r, d CHAR(4) CHARACTER SET koi8r, e TEXT CHARACTER SET koi8r);
INSERT INTO t VALUES (1, 'Б', 'Б', 'ББ'), (2, 'б', 'б', 'бб'), (3, 'а', 'а', 'аа'), (4, 'А', 'А', 'АА'), (5, 'ё', 'ё', 'ёё'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'Б' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('Бa' USING koi8r)), CONVERT(CONVERT('Б☃' USING koi8r) USING utf8mb4), CAST('Б' AS CHAR CHARACTER SET koi8r);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _koi8r x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET koi8r PRIMARY KEY);
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('а');
INSERT INTO u VALUES ('А');
INSERT INTO u VALUES ('ё');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: koi8u
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET koi8u, d CHAR(4) CHARACTER SET koi8u, e TEXT CHARACTER SET koi8u);
INSERT INTO t VALUES (1, 'Б', 'Б', 'ББ'), (2, 'б', 'б', 'бб'), (3, 'а', 'а', 'аа'), (4, 'А', 'А', 'АА'), (5, 'ї', 'ї', 'її'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'Б' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('Бa' USING koi8u)), CONVERT(CONVERT('Б☃' USING koi8u) USING utf8mb4), CAST('Б' AS CHAR CHARACTER SET koi8u);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _koi8u x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET koi8u PRIMARY KEY);
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('а');
INSERT INTO u VALUES ('А');
INSERT INTO u VALUES ('ї');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp1251
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp1251, d CHAR(4) CHARACTER SET cp1251, e TEXT CHARACTER SET cp1251);
INSERT INTO t VALUES (1, 'Б', 'Б', 'ББ'), (2, 'б', 'б', 'бб'), (3, 'а', 'а', 'аа'), (4, 'А', 'А', 'АА'), (5, 'ё', 'ё', 'ёё'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'Б' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('Бa' USING cp1251)), CONVERT(CONVERT('Б☃' USING cp1251) USING utf8mb4), CAST('Б' AS CHAR CHARACTER SET cp1251);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp1251 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp1251 PRIMARY KEY);
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('а');
INSERT INTO u VALUES ('А');
INSERT INTO u VALUES ('ё');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp1251_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp1251 COLLATE cp1251_bin, d CHAR(4) CHARACTER SET cp1251 COLLATE cp1251_bin, e TEXT CHARACTER SET cp1251 COLLATE cp1251_bin);
INSERT INTO t VALUES (1, 'Б', 'Б', 'ББ'), (2, 'б', 'б', 'бб'), (3, 'а', 'а', 'аа'), (4, 'А', 'А', 'АА'), (5, 'ё', 'ё', 'ёё'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'Б' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp1251 COLLATE cp1251_bin PRIMARY KEY);
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('а');
INSERT INTO u VALUES ('А');
INSERT INTO u VALUES ('ё');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp1251_ukrainian_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp1251 COLLATE cp1251_ukrainian_ci, d CHAR(4) CHARACTER SET cp1251 COLLATE cp1251_ukrainian_ci, e TEXT CHARACTER SET cp1251 COLLATE cp1251_ukrainian_ci);
INSERT INTO t VALUES (1, 'Б', 'Б', 'ББ'), (2, 'б', 'б', 'бб'), (3, 'а', 'а', 'аа'), (4, 'А', 'А', 'АА'), (5, 'ё', 'ё', 'ёё'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'Б' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp1251 COLLATE cp1251_ukrainian_ci PRIMARY KEY);
INSERT INTO u VALUES ('Б');
INSERT INTO u VALUES ('б');
INSERT INTO u VALUES ('а');
INSERT INTO u VALUES ('А');
INSERT INTO u VALUES ('ё');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp1256
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp1256, d CHAR(4) CHARACTER SET cp1256, e TEXT CHARACTER SET cp1256);
INSERT INTO t VALUES (1, 'ا', 'ا', 'اا'), (2, 'ب', 'ب', 'بب'), (3, 'é', 'é', 'éé'), (4, 'a', 'a', 'aa'), (5, 'A', 'A', 'AA'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ا' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('اa' USING cp1256)), CONVERT(CONVERT('ا☃' USING cp1256) USING utf8mb4), CAST('ا' AS CHAR CHARACTER SET cp1256);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp1256 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp1256 PRIMARY KEY);
INSERT INTO u VALUES ('ا');
INSERT INTO u VALUES ('ب');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: macroman
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET macroman, d CHAR(4) CHARACTER SET macroman, e TEXT CHARACTER SET macroman);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING macroman)), CONVERT(CONVERT('ä☃' USING macroman) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET macroman);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _macroman x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET macroman PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: macce
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET macce, d CHAR(4) CHARACTER SET macce, e TEXT CHARACTER SET macce);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'č', 'č', 'čč'), (5, 'Č', 'Č', 'ČČ'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING macce)), CONVERT(CONVERT('ä☃' USING macce) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET macce);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _macce x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET macce PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: dec8
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET dec8, d CHAR(4) CHARACTER SET dec8, e TEXT CHARACTER SET dec8);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING dec8)), CONVERT(CONVERT('ä☃' USING dec8) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET dec8);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _dec8 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET dec8 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: hp8
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET hp8, d CHAR(4) CHARACTER SET hp8, e TEXT CHARACTER SET hp8);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING hp8)), CONVERT(CONVERT('ä☃' USING hp8) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET hp8);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _hp8 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET hp8 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: keybcs2
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET keybcs2, d CHAR(4) CHARACTER SET keybcs2, e TEXT CHARACTER SET keybcs2);
INSERT INTO t VALUES (1, 'č', 'č', 'čč'), (2, 'Č', 'Č', 'ČČ'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'ä', 'ä', 'ää'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'č' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('ča' USING keybcs2)), CONVERT(CONVERT('č☃' USING keybcs2) USING utf8mb4), CAST('č' AS CHAR CHARACTER SET keybcs2);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _keybcs2 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET keybcs2 PRIMARY KEY);
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: armscii8
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET armscii8, d CHAR(4) CHARACTER SET armscii8, e TEXT CHARACTER SET armscii8);
INSERT INTO t VALUES (1, 'ա', 'ա', 'աա'), (2, 'Ա', 'Ա', 'ԱԱ'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ա' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('աa' USING armscii8)), CONVERT(CONVERT('ա☃' USING armscii8) USING utf8mb4), CAST('ա' AS CHAR CHARACTER SET armscii8);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _armscii8 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET armscii8 PRIMARY KEY);
INSERT INTO u VALUES ('ա');
INSERT INTO u VALUES ('Ա');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: geostd8
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET geostd8, d CHAR(4) CHARACTER SET geostd8, e TEXT CHARACTER SET geostd8);
INSERT INTO t VALUES (1, 'ა', 'ა', 'აა'), (2, 'ბ', 'ბ', 'ბბ'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ა' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('აa' USING geostd8)), CONVERT(CONVERT('ა☃' USING geostd8) USING utf8mb4), CAST('ა' AS CHAR CHARACTER SET geostd8);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _geostd8 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET geostd8 PRIMARY KEY);
INSERT INTO u VALUES ('ა');
INSERT INTO u VALUES ('ბ');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: swe7
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET swe7, d CHAR(4) CHARACTER SET swe7, e TEXT CHARACTER SET swe7);
INSERT INTO t VALUES (1, 'å', 'å', 'åå'), (2, 'Å', 'Å', 'ÅÅ'), (3, 'ä', 'ä', 'ää'), (4, 'a', 'a', 'aa'), (5, 'A', 'A', 'AA'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'å' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('åa' USING swe7)), CONVERT(CONVERT('å☃' USING swe7) USING utf8mb4), CAST('å' AS CHAR CHARACTER SET swe7);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _swe7 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET swe7 PRIMARY KEY);
INSERT INTO u VALUES ('å');
INSERT INTO u VALUES ('Å');
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: greek
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET greek, d CHAR(4) CHARACTER SET greek, e TEXT CHARACTER SET greek);
INSERT INTO t VALUES (1, 'α', 'α', 'αα'), (2, 'Α', 'Α', 'ΑΑ'), (3, 'ά', 'ά', 'άά'), (4, 'β', 'β', 'ββ'), (5, 'a', 'a', 'aa'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'α' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('αa' USING greek)), CONVERT(CONVERT('α☃' USING greek) USING utf8mb4), CAST('α' AS CHAR CHARACTER SET greek);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _greek x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET greek PRIMARY KEY);
INSERT INTO u VALUES ('α');
INSERT INTO u VALUES ('Α');
INSERT INTO u VALUES ('ά');
INSERT INTO u VALUES ('β');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: hebrew
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET hebrew, d CHAR(4) CHARACTER SET hebrew, e TEXT CHARACTER SET hebrew);
INSERT INTO t VALUES (1, 'א', 'א', 'אא'), (2, 'ב', 'ב', 'בב'), (3, 'a', 'a', 'aa'), (4, 'A', 'A', 'AA'), (5, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'א' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('אa' USING hebrew)), CONVERT(CONVERT('א☃' USING hebrew) USING utf8mb4), CAST('א' AS CHAR CHARACTER SET hebrew);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _hebrew x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET hebrew PRIMARY KEY);
INSERT INTO u VALUES ('א');
INSERT INTO u VALUES ('ב');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin1
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin1, d CHAR(4) CHARACTER SET latin1, e TEXT CHARACTER SET latin1);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'ae', 'ae', 'aeae'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING latin1)), CONVERT(CONVERT('ä☃' USING latin1) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET latin1);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _latin1 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin1 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ae');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin1_german1_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_german1_ci, d CHAR(4) CHARACTER SET latin1 COLLATE latin1_german1_ci, e TEXT CHARACTER SET latin1 COLLATE latin1_german1_ci);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'ae', 'ae', 'aeae'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_german1_ci PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ae');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin1_german2_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_german2_ci, d CHAR(4) CHARACTER SET latin1 COLLATE latin1_german2_ci, e TEXT CHARACTER SET latin1 COLLATE latin1_german2_ci);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'ae', 'ae', 'aeae'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_german2_ci PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ae');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin1_danish_ci
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_danish_ci, d CHAR(4) CHARACTER SET latin1 COLLATE latin1_danish_ci, e TEXT CHARACTER SET latin1 COLLATE latin1_danish_ci);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'ae', 'ae', 'aeae'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_danish_ci PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ae');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin1_general_cs
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_general_cs, d CHAR(4) CHARACTER SET latin1 COLLATE latin1_general_cs, e TEXT CHARACTER SET latin1 COLLATE latin1_general_cs);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'ae', 'ae', 'aeae'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_general_cs PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ae');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin1_bin
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_bin, d CHAR(4) CHARACTER SET latin1 COLLATE latin1_bin, e TEXT CHARACTER SET latin1 COLLATE latin1_bin);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'Ä', 'Ä', 'ÄÄ'), (5, 'é', 'é', 'éé'), (6, 'ß', 'ß', 'ßß'), (7, 'ae', 'ae', 'aeae'), (8, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_bin PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('Ä');
INSERT INTO u VALUES ('é');
INSERT INTO u VALUES ('ß');
INSERT INTO u VALUES ('ae');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin2
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin2, d CHAR(4) CHARACTER SET latin2, e TEXT CHARACTER SET latin2);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'č', 'č', 'čč'), (5, 'Č', 'Č', 'ČČ'), (6, 'ł', 'ł', 'łł'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING latin2)), CONVERT(CONVERT('ä☃' USING latin2) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET latin2);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _latin2 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin2 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('ł');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin5
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin5, d CHAR(4) CHARACTER SET latin5, e TEXT CHARACTER SET latin5);
INSERT INTO t VALUES (1, 'ı', 'ı', 'ıı'), (2, 'i', 'i', 'ii'), (3, 'I', 'I', 'II'), (4, 'İ', 'İ', 'İİ'), (5, 'ş', 'ş', 'şş'), (6, 'a', 'a', 'aa'), (7, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ı' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('ıa' USING latin5)), CONVERT(CONVERT('ı☃' USING latin5) USING utf8mb4), CAST('ı' AS CHAR CHARACTER SET latin5);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _latin5 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin5 PRIMARY KEY);
INSERT INTO u VALUES ('ı');
INSERT INTO u VALUES ('i');
INSERT INTO u VALUES ('I');
INSERT INTO u VALUES ('İ');
INSERT INTO u VALUES ('ş');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: latin7
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET latin7, d CHAR(4) CHARACTER SET latin7, e TEXT CHARACTER SET latin7);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'č', 'č', 'čč'), (5, 'Č', 'Č', 'ČČ'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING latin7)), CONVERT(CONVERT('ä☃' USING latin7) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET latin7);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _latin7 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET latin7 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp1250
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp1250, d CHAR(4) CHARACTER SET cp1250, e TEXT CHARACTER SET cp1250);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'č', 'č', 'čč'), (5, 'Č', 'Č', 'ČČ'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING cp1250)), CONVERT(CONVERT('ä☃' USING cp1250) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET cp1250);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp1250 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp1250 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;

-- script: cp1257
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) CHARACTER SET cp1257, d CHAR(4) CHARACTER SET cp1257, e TEXT CHARACTER SET cp1257);
INSERT INTO t VALUES (1, 'ä', 'ä', 'ää'), (2, 'a', 'a', 'aa'), (3, 'A', 'A', 'AA'), (4, 'č', 'č', 'čč'), (5, 'Č', 'Č', 'ČČ'), (6, 'z ', 'z ', 'z z ');
SELECT id, c, HEX(c), LENGTH(c), CHAR_LENGTH(c), BIT_LENGTH(d), HEX(d) FROM t ORDER BY id;
SELECT id FROM t ORDER BY c, id;
SELECT id FROM t ORDER BY e DESC, id;
SELECT c, GROUP_CONCAT(id ORDER BY id) FROM t GROUP BY c ORDER BY MIN(id);
SELECT COUNT(DISTINCT c), HEX(MIN(c)), HEX(MAX(c)) FROM t;
SELECT id FROM t WHERE c = 'A' ORDER BY id;
SELECT id FROM t WHERE c LIKE 'a%' OR e LIKE '_%a' ORDER BY id;
SELECT id FROM t WHERE c > 'ä' ORDER BY id;
SELECT id, UPPER(c), LOWER(c), CONCAT(c, 'x'), REVERSE(e), SUBSTRING(e, 2), LPAD(c, 3, '*'), LOCATE('A', e), REPLACE(e, 'a', 'X') FROM t ORDER BY id;
SELECT id, ORD(c), ASCII(c), HEX(WEIGHT_STRING(c)), CHARSET(c), COLLATION(UPPER(c)) FROM t ORDER BY id;
SELECT HEX(CONVERT('äa' USING cp1257)), CONVERT(CONVERT('ä☃' USING cp1257) USING utf8mb4), CAST('ä' AS CHAR CHARACTER SET cp1257);
INSERT INTO t (id, c) VALUES (100, '☃');
INSERT INTO t (id, c) VALUES (101, _cp1257 x'41');
INSERT INTO t (id, c) VALUES (102, 'abcdefghijk');
SELECT id, c, HEX(c) FROM t WHERE id >= 100 ORDER BY id;
SHOW CREATE TABLE t;
-- ignore: message
CREATE UNIQUE INDEX u ON t (c);
CREATE TABLE u (c VARCHAR(10) CHARACTER SET cp1257 PRIMARY KEY);
INSERT INTO u VALUES ('ä');
INSERT INTO u VALUES ('a');
INSERT INTO u VALUES ('A');
INSERT INTO u VALUES ('č');
INSERT INTO u VALUES ('Č');
INSERT INTO u VALUES ('z ');
SELECT HEX(c) FROM u ORDER BY c;
