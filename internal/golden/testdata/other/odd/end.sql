CREATE DATABASE sentinel;
USE sentinel;
CREATE TABLE sentinel (id INT PRIMARY KEY, note VARCHAR(10));
INSERT INTO sentinel VALUES (1,"end");
