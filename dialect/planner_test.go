package dialect

import (
	"fmt"
	"sync"
	"testing"
)

// TestPlannerServesManyGoroutines plans the same and different statements at once; every plan has
// the literals of its own text.
func TestPlannerServesManyGoroutines(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10))")
	p := NewPlanner(Options{CacheSize: 32})
	var group sync.WaitGroup
	for g := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			c := e.w.c
			for i := range 300 {
				b, err := p.Plan(&c, []byte(fmt.Sprintf("SELECT v AS c%d FROM t WHERE id = %d", i%40, g*1000+i)))
				if err != nil || len(b.Literals) != 1 || b.Literals[0].Int64() != int64(g*1000+i) || b.Columns[0].Name != fmt.Sprintf("c%d", i%40) {
					t.Errorf("%v %v", b.Literals, err)
					return
				}
			}
		}()
	}
	group.Wait()
}

func TestPlansAreForTheirContext(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE t (id INT PRIMARY KEY)")
	first, err := e.planner.Plan(&e.w.c, []byte("SELECT id FROM t WHERE id = 1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := e.planner.Plan(&e.w.c, []byte("SELECT id FROM t /* other */ WHERE id =  2"))
	if err != nil || again.Plan != first.Plan {
		t.Errorf("statements that differ in a literal have two plans: %v", err)
	}
	e.must("ALTER TABLE t ADD COLUMN v INT")
	if later, err := e.planner.Plan(&e.w.c, []byte("SELECT id FROM t WHERE id = 1")); err != nil || later.Plan == first.Plan {
		t.Errorf("a plan outlived its catalog: %v", err)
	}
	if _, err := e.planner.Plan(&e.w.c, []byte("SELECT id FROM t WHERE id = ?")); err == nil {
		t.Error("a parameter in the text protocol was taken")
	}
}
