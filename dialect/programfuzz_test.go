package dialect

import (
	"testing"
	"time"

	"marmot/schemas"
)

// FuzzPrograms takes any text as the body of a procedure, a function, a trigger and an event, both where it is created and where it is in the
// catalog already: no panic, and an end within seconds.
func FuzzPrograms(f *testing.F) {
	for _, body := range []string{
		"BEGIN DECLARE x INT DEFAULT 1; DECLARE c CURSOR FOR SELECT id FROM t; DECLARE CONTINUE HANDLER FOR NOT FOUND, 1062, SQLSTATE '23000' SET x = 0; OPEN c; FETCH c INTO x; CLOSE c; END",
		"l: LOOP IF a > 3 THEN LEAVE l; ELSEIF a = 2 THEN ITERATE l; ELSE SET a = a + 1; END IF; END LOOP l",
		"BEGIN CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE; WHILE a DO REPEAT SET a = 0; UNTIL TRUE END REPEAT; END WHILE; RETURN a; END",
		"BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN GET STACKED DIAGNOSTICS CONDITION 1 @m = MESSAGE_TEXT; RESIGNAL SET MYSQL_ERRNO = 5; END; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'x'; END",
		"SET NEW.a = OLD.a + 1", "INSERT INTO t VALUES (NEW.id)", "CALL p(1, @a)", "RETURN (SELECT MAX(a) FROM t)", "BEGIN PREPARE s FROM 'SELECT ?'; EXECUTE s USING @a; END",
	} {
		f.Add(body, "a INT, OUT b VARCHAR(10)")
	}
	planner := NewPlanner(Options{CacheSize: 16})
	f.Fuzz(func(t *testing.T, body, parameters string) {
		begun := time.Now()
		d := &schemas.Database{ID: 1, Name: "d", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci", Programs: map[schemas.ProgramKey]*schemas.Program{}}
		catalog := &schemas.Catalog{Databases: map[string]*schemas.Database{"d": d}}
		for kind, name := range map[schemas.ProgramKind]string{schemas.Procedure: "p", schemas.Function: "f"} {
			p := &schemas.Program{Database: "d", DBID: 1, Kind: kind, Name: name, Parameters: parameters, Returns: "INT", Body: body, Mode: uint64(DefaultSQLMode), Collation: "utf8mb4_0900_ai_ci"}
			d.Programs[p.Key()] = p
		}
		for _, text := range []string{"CALL d.p(1, @b)", "SELECT d.f(1, 2)", "CREATE PROCEDURE d.q (" + parameters + ") " + body, "CREATE FUNCTION d.g (" + parameters + ") RETURNS INT DETERMINISTIC " + body,
			"CREATE TRIGGER d.b BEFORE UPDATE ON d.t FOR EACH ROW " + body, "CREATE EVENT d.e ON SCHEDULE EVERY 1 DAY DO " + body} {
			c := &Context{Catalog: catalog, Collation: "utf8mb4_0900_ai_ci", Database: "d", User: "root@localhost", Mode: DefaultSQLMode}
			if _, err := planner.Plan(c, []byte(text)); err != nil && err.Error() == "" {
				t.Fatal("an error without words")
			}
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Fatalf("%d bytes took %s", len(body)+len(parameters), took)
		}
	})
}
