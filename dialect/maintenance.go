package dialect

import (
	"fmt"
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maintenanceWords reads what may stand behind the tables of ANALYZE, CHECK, OPTIMIZE and REPAIR.
func (s *textReader) maintenanceWords(verb string) {
	for !s.end() && s.err == nil {
		switch {
		case verb == "check" && (s.accept("FOR", "UPGRADE") || s.one("QUICK", "FAST", "MEDIUM", "EXTENDED", "CHANGED") != ""):
		case verb == "repair" && s.one("QUICK", "EXTENDED", "USE_FRM") != "":
		default:
			s.wrong()
		}
	}
}

// maxBuckets is how many buckets a histogram may have.
const maxBuckets = 1024

// planHistogram plans ANALYZE TABLE … UPDATE HISTOGRAM and DROP HISTOGRAM. The answer is MySQL's, and there is no histogram: SQLite
// plans by its own statistics.
func planHistogram(c *Context, s *textReader, names []ObjectName, logged bool) (*Plan, error) {
	for i, o := range names {
		if slices.Contains(names[:i], o) {
			return nil, mysqlerr.New(mysql.ER_NONUNIQ_TABLE, o.Name)
		}
	}
	verb := "created"
	if s.one("UPDATE", "DROP") == "DROP" {
		verb = "removed"
	}
	s.expect("HISTOGRAM", "ON")
	columns := s.columnNames()
	if verb == "created" && s.accept("WITH") {
		if n := s.number(); s.err == nil && (n == 0 || n > maxBuckets) {
			s.fail(mysqlerr.Newf(mysql.ER_DATA_OUT_OF_RANGE, "Number of buckets value is out of range in 'ANALYZE TABLE'"))
		}
		s.expect("BUCKETS")
	}
	if verb == "created" && !s.accept("AUTO", "UPDATE") {
		s.accept("MANUAL", "UPDATE")
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	return maintenancePlan(s, histogramRows(c, names, columns, verb), logged)
}

func (s *textReader) columnNames() []string {
	var list []string
	s.commas(func() { list = append(list, s.name()) })
	return list
}

func histogramRows(c *Context, names []ObjectName, columns []string, verb string) [][]txn.Value {
	at := names[0].Database + "." + names[0].Name
	row := func(table, kind, message string) []txn.Value {
		return []txn.Value{text(table), text("histogram"), text(kind), text(message)}
	}
	if len(names) > 1 {
		return [][]txn.Value{row("", "Error", "Only one table can be specified while modifying histogram statistics.")}
	}
	t := c.Catalog.Table(names[0].Database, names[0].Name)
	if t == nil {
		return [][]txn.Value{row(at, "Error", mysqlerr.New(mysql.ER_NO_SUCH_TABLE, names[0].Database, names[0].Name).Message)}
	}
	var rows [][]txn.Value
	for _, name := range columns {
		i := t.ColumnIndex(name)
		switch {
		case i < 0:
			rows = append(rows, row(at, "Error", fmt.Sprintf("The column '%s' does not exist.", name)))
		case t.Columns[i].Type.Kind == schemas.JSON || t.Columns[i].Type.Kind == schemas.Geometry:
			rows = append(rows, row(at, "Error", fmt.Sprintf("The column '%s' has an unsupported data type.", t.Columns[i].Name)))
		case isSingleUnique(t, i) && strings.EqualFold(verb, "created"):
			rows = append(rows, row(at, "Error", fmt.Sprintf("The column '%s' is covered by a single-part unique index.", t.Columns[i].Name)))
		default:
			rows = append(rows, row(at, "status", fmt.Sprintf("Histogram statistics %s for column '%s'.", verb, t.Columns[i].Name)))
		}
	}
	return rows
}

// isSingleUnique reports whether a unique index is over the column alone.
func isSingleUnique(t *schemas.Table, column int) bool {
	for _, ix := range t.UniqueIndexes() {
		if len(ix.Parts) == 1 && ix.Parts[0].Column == column {
			return true
		}
	}
	return false
}
