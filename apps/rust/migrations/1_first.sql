CREATE TABLE people (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  born DATE NULL,
  UNIQUE KEY people_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO people (name, born) VALUES ('Ada', '1815-12-10'), ('Grace; "Hopper"', '1906-12-09');
