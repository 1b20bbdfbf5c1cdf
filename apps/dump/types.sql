SET NAMES utf8mb4;
DROP DATABASE IF EXISTS `zoo`;
CREATE DATABASE `zoo` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `zoo`;
CREATE TABLE `numbers` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `tiny` tinyint DEFAULT '-1', `flag` tinyint(1) NOT NULL DEFAULT '0', `small` smallint unsigned DEFAULT NULL, `medium` mediumint DEFAULT NULL,
  `plain` int DEFAULT NULL, `big` bigint DEFAULT NULL, `money` decimal(30,10) DEFAULT '0.0000000000', `single` float DEFAULT NULL,
  `twice` double DEFAULT NULL, `bits` bit(10) DEFAULT b'101', `born` year DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `plain` (`plain`), KEY `pair` (`small`,`medium` DESC)
) ENGINE=InnoDB COMMENT='numbers, it''s \\ all';
INSERT INTO `numbers` VALUES (1,-128,1,65535,-8388608,-2147483648,-9223372036854775808,-12345678901234567890.0123456789,-1.5,-1.7976931348623157e308,b'1111111111',1901),
 (2,127,0,0,8388607,2147483647,9223372036854775807,12345678901234567890.0123456789,3.25e30,2.2250738585072014e-308,b'0',2155),
 (18446744073709551610,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE `texts` (
  `code` char(10) NOT NULL, `name` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it''s', `old` varchar(50) CHARACTER SET latin1 DEFAULT NULL,
  `body` longtext, `raw` varbinary(300) DEFAULT NULL, `fixed` binary(5) DEFAULT NULL, `file` longblob, `kind` enum('a','b''c','d,e') NOT NULL DEFAULT 'a',
  `many` set('x','y','z') DEFAULT 'x,z', `doc` json DEFAULT NULL,
  PRIMARY KEY (`code`), KEY `name` (`name`(20)), FULLTEXT KEY `body` (`body`)
) ENGINE=InnoDB;
INSERT INTO `texts` VALUES ('one','Ünïcode 漢字 🐙','naïve','line\nline\ttab \\ back ''quote'' "double" \0 zero \Z end',0x00FF10275C0A0D1A,0x0102030405,0x89504E470D0A1A0A00,'b''c','x,y','{"a": [1, 2.50, null, "x\\"y"], "b": {}}'),
 ('two','',NULL,'','',0x0000000000,'','d,e','','[]'),('three',NULL,NULL,NULL,NULL,NULL,NULL,'a',NULL,NULL);
CREATE TABLE `times` (
  `day` date NOT NULL, `moment` datetime(6) DEFAULT NULL, `stamp` timestamp NULL DEFAULT NULL,
  `span` time(3) DEFAULT NULL, `stamp3` timestamp(3) NULL DEFAULT NULL, PRIMARY KEY (`day`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `times` VALUES ('1000-01-01','9999-12-31 23:59:59.999999','2038-01-19 03:14:07','-838:59:59.000','1970-01-01 00:00:01.001'),('2024-02-29',NULL,NULL,'00:00:00.001',NULL);
CREATE TABLE `parent` (`id` int NOT NULL AUTO_INCREMENT, `a` int NOT NULL, PRIMARY KEY (`id`), UNIQUE KEY `a` (`a`), CONSTRAINT `positive` CHECK (`a` > 0)) ENGINE=InnoDB;
CREATE TABLE `child` (`id` int NOT NULL AUTO_INCREMENT, `parent_id` int NOT NULL, PRIMARY KEY (`id`), KEY `parent_id` (`parent_id`),
  CONSTRAINT `child_parent` FOREIGN KEY (`parent_id`) REFERENCES `parent` (`id`) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB;
INSERT INTO `parent` (`id`,`a`) VALUES (1,10),(2,20),(3,30);
INSERT INTO `child` VALUES (1,1),(2,1),(3,3);
CREATE VIEW `families` AS SELECT `p`.`id` AS `id`, `p`.`a` AS `a`, count(`c`.`id`) AS `children` FROM (`parent` `p` LEFT JOIN `child` `c` ON((`c`.`parent_id` = `p`.`id`))) GROUP BY `p`.`id`, `p`.`a`;
