DROP DATABASE IF EXISTS `made`;
CREATE DATABASE `made` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE `made`;
CREATE TABLE `generated` (`id` int NOT NULL AUTO_INCREMENT, `a` int NOT NULL, `sum` int GENERATED ALWAYS AS (`a` * 2) STORED,
  `text` varchar(20) GENERATED ALWAYS AS (concat('n', `a`)) VIRTUAL, `z` int DEFAULT (`a` + 1), PRIMARY KEY (`id`), KEY `sum` (`sum`), UNIQUE KEY `text` (`text`),
  KEY `expression` ((`a` % 7))) ENGINE=InnoDB;
INSERT INTO `generated` (`id`,`a`) VALUES (1,10),(2,20),(3,30);
