-- Pets belong to people; one statement fills them from what is there.
CREATE TABLE pets (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  owner BIGINT UNSIGNED NOT NULL,
  kind ENUM('cat', 'dog') NOT NULL DEFAULT 'cat',
  CONSTRAINT pets_owner FOREIGN KEY (owner) REFERENCES people (id)
);
INSERT INTO pets (owner, kind) SELECT id, IF(name = 'Ada', 'dog', 'cat') FROM people;
ALTER TABLE people ADD COLUMN pets INT NOT NULL DEFAULT 0, ADD INDEX people_born (born);
UPDATE people SET pets = (SELECT COUNT(*) FROM pets WHERE owner = people.id);
