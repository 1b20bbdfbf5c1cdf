package session

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"marmot/dialect"
)

// noteOrders is Emitters that does nothing but note.
type noteOrders struct{ orders []string }

// List implements Emitters.
func (*noteOrders) List() []dialect.Emitter {
	return []dialect.Emitter{{Name: "main", State: "emitting", Node: "n0", Position: 7, Needs: 5, Lag: 1, LagBytes: 90, LagSeconds: 0.5, Target: "kafka:9092", Delivery: "exactly_once"},
		{Name: "old", State: "unowned", Error: "nobody"}}
}

// Order implements Emitters.
func (n *noteOrders) Order(_ context.Context, emitter, order string, arguments map[string]string) error {
	if emitter == "nobody" {
		return &OrderError{Reason: "no emitter nobody"}
	}
	text := order + " " + emitter
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		text += " " + name + "=" + arguments[name]
	}
	n.orders = append(n.orders, text)
	return nil
}

func TestProceduresOfTheSchemaMarmotChangeEmitters(t *testing.T) {
	noted := &noteOrders{}
	c := newCluster(t, 1, func(o *Options) { o.Emitters = noted })
	root := c.session(0, "")
	for _, test := range []struct{ sql, want, order string }{
		{"CALL marmot.emitters()", "main | emitting | n0 | 7 | 5 | 1 | 90 | 0.5 | exactly_once | kafka:9092 | NULL", ""},
		{"CALL Marmot.Emitters", "old | unowned | NULL | 0 | 0 | 0 | 0 | 0 | NULL | NULL | nobody", ""},
		{"CALL marmot.pause_emitter('main')", "ok", "pause main"},
		{"CALL marmot.resume_emitter(CONCAT('ma', 'in'))", "ok", "resume main"},
		{"CALL marmot.reset_emitter('main', 4711)", "ok", "reset main to=4711"},
		{"CALL marmot.reset_emitter('main')", "ERROR 1318", ""},
		{"CALL marmot.pause_emitter()", "ERROR 1318", ""},
		{"CALL marmot.pause_emitter('a', 'b')", "ERROR 1318", ""},
		{"CALL marmot.resnapshot('main')", "ok", "resnapshot main"},
		{"CALL marmot.resnapshot('main', 'a.b,a.c')", "ok", "resnapshot main tables=a.b,a.c"},
		{"CALL marmot.drop_emitter('nobody')", "ERROR 1105", ""},
		{"CALL marmot.drop_emitter('main')", "ok", "drop main"},
		{`CALL marmot.signal('1', 'log', '{"message":"x"}')`, "ok", `signal  data={"message":"x"} id=1 type=log`},
		{"CALL marmot.signal('1', 'log', NULL, 'main')", "ok", "signal main id=1 type=log"},
		{"CALL marmot.nothing()", "ERROR 1305", ""},
		{"PREPARE s FROM 'CALL marmot.pause_emitter(?)'; SET @a = 'main'; EXECUTE s USING @a", "ok", "pause main"},
		{"CREATE DATABASE marmot; CREATE PROCEDURE marmot.pause_emitter() SELECT 'mine'; CALL marmot.pause_emitter()", "mine", ""},
		{"DROP DATABASE marmot; CALL marmot.pause_emitter('main')", "ok", "pause main"},
		{"CREATE USER low; CREATE USER high; GRANT REPLICATION_SLAVE_ADMIN ON *.* TO high", "ok", ""},
	} {
		noted.orders = nil
		got := root.run(test.sql)
		if !strings.Contains(got, test.want) || strings.Join(noted.orders, ";") != test.order {
			t.Errorf("%s: %s, orders %q; want %s and %q", test.sql, got, noted.orders, test.want, test.order)
		}
	}
	for _, sql := range []string{"CALL marmot.emitters()", "CALL marmot.pause_emitter('main')"} {
		if got := c.as(0, "low").run(sql); !strings.Contains(got, "ERROR 1227") {
			t.Errorf("somebody without privileges: %s: %s", sql, got)
		}
		if got := c.as(0, "high").run(sql); strings.Contains(got, "ERROR") {
			t.Errorf("somebody with REPLICATION_SLAVE_ADMIN: %s: %s", sql, got)
		}
	}
}
