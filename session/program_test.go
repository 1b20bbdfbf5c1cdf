package session

import "testing"

// TestAProcedureWithResultsNeedsAClientThatTakesThem: without CLIENT_MULTI_RESULTS a client would take the result for the answer to its next
// statement.
func TestAProcedureWithResultsNeedsAClientThatTakesThem(t *testing.T) {
	c := newCluster(t, 1, nil)
	s := c.session(0, "")
	for _, sql := range []string{
		"CREATE DATABASE p", "USE p", "CREATE PROCEDURE silent() SET @x = 1", "CREATE PROCEDURE speaks() BEGIN IF @never THEN SELECT 1; END IF; END",
		"CREATE PROCEDURE calls() CALL speaks()", "CREATE PROCEDURE walks() BEGIN DECLARE v INT; DECLARE c CURSOR FOR SELECT 1; OPEN c; FETCH c INTO v; END",
	} {
		s.exec(sql)
	}
	s.exec("CALL speaks()")
	s.info.OneResult = true
	s.exec("CALL silent()")
	s.exec("CALL walks()")
	s.want("CALL speaks()", "ERROR 1312")
	s.want("CALL calls()", "ERROR 1312")
}
