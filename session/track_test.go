package session

import (
	"fmt"
	"strings"
	"testing"

	"marmot/txn"
)

// tracked is what a statement's result tells the client that follows its session.
func tracked(r Result) string {
	var list []string
	for _, v := range r.Variables {
		list = append(list, v.Name+"="+v.Value)
	}
	if r.SchemaChanged {
		list = append(list, fmt.Sprintf("schema %q", r.Schema))
	}
	if r.StateChanged {
		list = append(list, "state")
	}
	if r.TransactionState != "" {
		list = append(list, r.TransactionState)
	}
	if r.TransactionTextChanged {
		list = append(list, fmt.Sprintf("%q", r.TransactionText))
	}
	return strings.Join(list, " ")
}

// TestSessionsAreTracked runs statements whose answers MySQL 9.7 was seen to give.
func TestSessionsAreTracked(t *testing.T) {
	s := newCluster(t, 1, nil).session(0, "")
	for _, sql := range []string{"CREATE DATABASE d", "USE d", "CREATE TABLE t (a INT PRIMARY KEY)"} {
		s.exec(sql)
	}
	for _, c := range []struct{ sql, want string }{
		{"USE d", `schema "d"`},
		{"SET autocommit = 0", "autocommit=OFF"},
		{"SET autocommit = 1", "autocommit=ON"},
		{"SET NAMES latin1", "character_set_client=latin1 character_set_connection=latin1 character_set_results=latin1"},
		{"SET NAMES utf8mb4", "character_set_client=utf8mb4 character_set_connection=utf8mb4 character_set_results=utf8mb4"},
		{"SET @a = 1", ""},
		{"SET session_track_state_change = 1", ""},
		{"SET @a = 2", "state"},
		{"USE d", `schema "d" state`},
		{"SELECT @a := 3", ""},
		{"PREPARE p FROM 'SELECT 1'", "state"},
		{"EXECUTE p", ""},
		{"DEALLOCATE PREPARE p", "state"},
		{"CREATE TEMPORARY TABLE x (a INT)", "state"},
		{"DROP TEMPORARY TABLE x", "state"},
		{"SET session_track_state_change = 0", ""},
		{"SET session_track_system_variables = '*'", "session_track_system_variables=*"},
		{"SET last_insert_id = 5", "last_insert_id=5"},
		{"SET session_track_system_variables = 'sql_mode'", ""},
		{"SET autocommit = 1", ""},
		{"SET session_track_transaction_info = 'STATE'", ""},
		{"BEGIN", "T_______"},
		{"SELECT 1", "T_____S_"},
		{"SELECT * FROM t", "T_R___S_"},
		{"INSERT INTO t VALUES (1)", "T_R_W_S_"},
		{"SELECT * FROM t FOR UPDATE", ""},
		{"COMMIT", "________"},
		{"INSERT INTO t VALUES (2)", ""},
		{"SET autocommit = 0", ""},
		{"SELECT * FROM t", "I_R___S_"},
		{"COMMIT", "________"},
		{"SET autocommit = 1", ""},
		{"LOCK TABLES t WRITE", "_______L"},
		{"UNLOCK TABLES", "________"},
		{"SET session_track_transaction_info = 'CHARACTERISTICS'", `""`},
		{"BEGIN", `T_______ "START TRANSACTION;"`},
		{"COMMIT", `________ ""`},
		{"SET TRANSACTION READ ONLY", `"SET TRANSACTION READ ONLY;"`},
		{"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", `"SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET TRANSACTION READ ONLY;"`},
		{"START TRANSACTION WITH CONSISTENT SNAPSHOT", `T_R_____ "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;"`},
		{"COMMIT AND CHAIN", `T_______ "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION READ ONLY;"`},
		{"ROLLBACK", `________ ""`},
		{"DROP DATABASE d", `schema ""`},
	} {
		answer := &textAnswer{}
		if err := s.Execute(t.Context(), []byte(c.sql), answer); err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		if got := tracked(answer.result); got != c.want {
			t.Errorf("%s: %s, want %s", c.sql, got, c.want)
		}
	}
}

func TestQueryAttributesAreRead(t *testing.T) {
	s := newCluster(t, 1, nil).session(0, "")
	s.SetQueryAttributes([]QueryAttribute{{Name: "Trace", Value: txn.TextString("abc")}, {Name: "n", Value: txn.Int(7)}})
	s.want("SELECT mysql_query_attribute_string('trace'), mysql_query_attribute_string('n'), mysql_query_attribute_string('none')", "abc | 7 | NULL")
	s.SetQueryAttributes(nil)
	s.want("SELECT mysql_query_attribute_string('trace')", "NULL")
}
