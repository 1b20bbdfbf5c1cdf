package dialect

import (
	"fmt"
	"strings"

	"marmot/dialect/expression"
	"marmot/schemas"
	"marmot/txn"
)

// event is a set of what may happen to a table's rows.
type event uint8

const (
	eventInsert event = 1 << iota
	eventUpdate
	eventDelete
)

// maxCascade is MySQL's limit of nested cascades.
const maxCascade = 15

// reachable compiles the triggers that a statement needs which does the given to rows of t:
// those of t, and of the tables that cascades reach. It lists these tables.
func (k *compiler) reachable(t *schemas.Table, e event) ([]*schemas.Table, []TempTrigger, error) {
	done := map[txn.TableID]event{}
	type step struct {
		t *schemas.Table
		e event
	}
	queue := []step{{t, e}}
	var reached []*schemas.Table
	var triggers []TempTrigger
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		at.e &^= done[at.t.ID]
		if at.e == 0 {
			continue
		}
		if done[at.t.ID] == 0 && at.t != t {
			reached = append(reached, at.t)
		}
		done[at.t.ID] |= at.e
		k.use(at.t)
		list, err := k.triggersOf(at.t, at.e)
		if err != nil {
			return nil, nil, err
		}
		triggers = append(triggers, list...)
		for _, ref := range k.c.Catalog.ReferencingTable(at.t) {
			k.use(ref.Child)
			if at.e&eventDelete != 0 {
				switch ref.Key.OnDelete {
				case schemas.Cascade:
					queue = append(queue, step{ref.Child, eventDelete})
				case schemas.SetNull:
					queue = append(queue, step{ref.Child, eventUpdate})
				}
			}
			if at.e&eventUpdate != 0 && (ref.Key.OnUpdate == schemas.Cascade || ref.Key.OnUpdate == schemas.SetNull) {
				queue = append(queue, step{ref.Child, eventUpdate})
			}
		}
	}
	return reached, triggers, nil
}

// triggersOf compiles the triggers of one table for the given events, one each.
func (k *compiler) triggersOf(t *schemas.Table, e event) ([]TempTrigger, error) {
	var list []TempTrigger
	for _, kind := range []struct {
		e    event
		when string
		body func(*schemas.Table) ([]string, error)
	}{
		{eventInsert, "AFTER INSERT", k.afterInsert},
		{eventUpdate, "AFTER UPDATE", k.afterUpdate},
		{eventDelete, "BEFORE DELETE", k.beforeDelete},
	} {
		if e&kind.e == 0 {
			continue
		}
		body, err := kind.body(t)
		if err != nil {
			return nil, err
		}
		if len(body) == 0 {
			continue
		}
		name := fmt.Sprintf("_marmot_%d_%d_%s", t.ID, t.Version, strings.ToLower(strings.ReplaceAll(kind.when, " ", "_")))
		sql := "CREATE TEMP TRIGGER " + schemas.QuoteSQLite(name) + " " + kind.when + " ON " + tableSQL(t) + " BEGIN " + strings.Join(body, "; ") + "; END"
		list = append(list, TempTrigger{Name: name, Table: t, SQL: sql})
	}
	return list, nil
}

// raiseSQL ends a statement with a MySQL error when the condition holds.
func raiseSQL(code int, message, condition string) string {
	text := strings.ReplaceAll(fmt.Sprintf("%d:%s", code, message), "'", "''")
	return "SELECT RAISE(ABORT, '" + text + "') WHERE " + condition
}

// checks compiles the CHECK constraints over the new row.
func (k *compiler) checks(t *schemas.Table) ([]string, error) {
	var list []string
	for _, c := range t.Checks {
		if !c.Enforced {
			continue
		}
		o, err := k.rowExpression(t, c.Expression, func(i int) string { return "NEW." + schemas.QuoteSQLite(t.Columns[i].Name) })
		if err != nil {
			return nil, err
		}
		list = append(list, raiseSQL(errCheckViolated, "Check constraint '"+c.Name+"' is violated.", "NOT ("+expression.Truth(o)+")"))
	}
	return list, nil
}

func (k *compiler) afterInsert(t *schemas.Table) ([]string, error) {
	list, err := k.checks(t)
	if err != nil {
		return nil, err
	}
	for i := range t.ForeignKeys {
		list = append(list, k.parentCheck(t, &t.ForeignKeys[i], "")...)
	}
	return list, nil
}

func (k *compiler) afterUpdate(t *schemas.Table) ([]string, error) {
	list, err := k.checks(t)
	if err != nil {
		return nil, err
	}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		list = append(list, k.parentCheck(t, fk, changedSQL(t, fk.Columns))...)
	}
	refs := k.c.Catalog.ReferencingTable(t)
	for _, ref := range refs {
		if columns, ok := t.ColumnIndexes(ref.Key.ReferencedColumns); ok && ref.Key.OnUpdate != schemas.Cascade && ref.Key.OnUpdate != schemas.SetNull {
			list = append(list, k.restrict(t, ref, columns, changedSQL(t, columns)))
		}
	}
	for _, ref := range refs {
		columns, ok := t.ColumnIndexes(ref.Key.ReferencedColumns)
		if !ok || ref.Key.OnUpdate != schemas.Cascade && ref.Key.OnUpdate != schemas.SetNull {
			continue
		}
		if ref.Child.ID == t.ID { // https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html: it acts like RESTRICT
			list = append(list, k.restrict(t, ref, columns, changedSQL(t, columns)))
			continue
		}
		steps, err := k.cascadeUpdate(t, ref, columns, changedSQL(t, columns), ref.Key.OnUpdate == schemas.SetNull)
		if err != nil {
			return nil, err
		}
		list = append(list, steps...)
	}
	return list, nil
}

func (k *compiler) beforeDelete(t *schemas.Table) ([]string, error) {
	var list []string
	refs := k.c.Catalog.ReferencingTable(t)
	for _, ref := range refs {
		if columns, ok := t.ColumnIndexes(ref.Key.ReferencedColumns); ok && ref.Key.OnDelete != schemas.Cascade && ref.Key.OnDelete != schemas.SetNull {
			list = append(list, k.restrict(t, ref, columns, ""))
		}
	}
	for _, ref := range refs {
		columns, ok := t.ColumnIndexes(ref.Key.ReferencedColumns)
		if !ok {
			continue
		}
		switch ref.Key.OnDelete {
		case schemas.Cascade:
			match := k.childMatch(t, ref, columns)
			if ref.Child.ID == t.ID { // the row itself goes anyway
				match += " AND " + anotherRow(t)
			}
			list = append(list, k.deeper(ref, match)...)
			list = append(list, "DELETE FROM "+tableSQL(ref.Child)+" WHERE "+match, "SELECT marmot_cascade(-1)")
		case schemas.SetNull:
			steps, err := k.cascadeUpdate(t, ref, columns, "", true)
			if err != nil {
				return nil, err
			}
			list = append(list, steps...)
		}
	}
	return list, nil
}

// deeper opens a cascade; more than fifteen within each other are an error.
func (k *compiler) deeper(ref schemas.Reference, match string) []string {
	return []string{
		raiseSQL(errCascadeDepth, fmt.Sprintf("Foreign key cascade delete/update exceeds max depth of %d.", maxCascade),
			fmt.Sprintf("marmot_cascade() >= %d AND EXISTS (SELECT 1 FROM %s WHERE %s)", maxCascade, tableSQL(ref.Child), match)),
		"SELECT marmot_cascade(1)",
	}
}

// changedSQL is true if an UPDATE changed one of the columns, by their collations.
func changedSQL(t *schemas.Table, columns []int) string {
	var list []string
	for _, c := range columns {
		name := schemas.QuoteSQLite(t.Columns[c].Name)
		list = append(list, "OLD."+name+collateOf(t.Columns[c].Type)+" IS NOT NEW."+name)
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

func collateOf(t schemas.Type) string {
	if c := t.SQLiteCollation(); c != "" {
		return " COLLATE " + c
	}
	return ""
}

// parentCheck refuses a child whose parent is missing.
func (k *compiler) parentCheck(t *schemas.Table, fk *schemas.ForeignKey, changed string) []string {
	parent := k.c.Catalog.BaseTable(fk.ReferencedDatabase, fk.ReferencedTable)
	var conditions, match []string
	if changed != "" {
		conditions = append(conditions, changed)
	}
	for i, c := range fk.Columns {
		name := "NEW." + schemas.QuoteSQLite(t.Columns[c].Name)
		conditions = append(conditions, name+" IS NOT NULL")
		if parent == nil {
			continue
		}
		j := parent.ColumnIndex(fk.ReferencedColumns[i])
		if j < 0 {
			parent = nil
			continue
		}
		match = append(match, schemas.QuoteSQLite(parent.Columns[j].Name)+collateOf(parent.Columns[j].Type)+" = "+name)
	}
	if parent != nil {
		k.use(parent)
		conditions = append(conditions, "NOT EXISTS (SELECT 1 FROM "+tableSQL(parent)+" WHERE "+strings.Join(match, " AND ")+")")
	}
	conditions = append(conditions, "marmot_foreign_keys()")
	message := "Cannot add or update a child row: a foreign key constraint fails (" + foreignKeyText(t, fk) + ")"
	return []string{raiseSQL(1452, message, strings.Join(conditions, " AND "))}
}

// childMatch is true for children of the old row.
func (k *compiler) childMatch(t *schemas.Table, ref schemas.Reference, columns []int) string {
	list := make([]string, 0, len(columns)+1)
	for i, c := range ref.Key.Columns {
		child := &ref.Child.Columns[c]
		list = append(list, schemas.QuoteSQLite(child.Name)+collateOf(child.Type)+" = OLD."+schemas.QuoteSQLite(t.Columns[columns[i]].Name))
	}
	return strings.Join(append(list, "marmot_foreign_keys()"), " AND ")
}

// anotherRow is true for rows other than the old one.
func anotherRow(t *schemas.Table) string {
	var same []string
	names, _ := identityOf(t)
	for _, n := range names {
		same = append(same, n+" = OLD."+n)
	}
	return "NOT (" + strings.Join(same, " AND ") + ")"
}

// restrict refuses to delete or change a row that has children; one that refers to itself is its own child.
func (k *compiler) restrict(t *schemas.Table, ref schemas.Reference, columns []int, changed string) string {
	match := k.childMatch(t, ref, columns)
	condition := "EXISTS (SELECT 1 FROM " + tableSQL(ref.Child) + " WHERE " + match + ")"
	if changed != "" {
		condition = changed + " AND " + condition
	}
	message := "Cannot delete or update a parent row: a foreign key constraint fails (" + foreignKeyText(ref.Child, ref.Key) + ")"
	return raiseSQL(1451, message, condition)
}

// cascadeUpdate gives the children of a changed row its new values, or NULL.
func (k *compiler) cascadeUpdate(t *schemas.Table, ref schemas.Reference, columns []int, changed string, null bool) ([]string, error) {
	match := k.childMatch(t, ref, columns)
	if changed != "" {
		match += " AND " + changed
	}
	values := map[int]string{}
	var sets []string
	for i, c := range ref.Key.Columns {
		values[c] = "NULL"
		if !null {
			values[c] = "NEW." + schemas.QuoteSQLite(t.Columns[columns[i]].Name)
		}
		sets = append(sets, schemas.QuoteSQLite(ref.Child.Columns[c].Name)+" = "+values[c])
	}
	for i := range ref.Child.Columns {
		g := ref.Child.Columns[i].Generated
		if g == nil {
			continue
		}
		o, err := k.rowExpression(ref.Child, g.Expression, func(i int) string {
			if v, ok := values[i]; ok {
				return v
			}
			return schemas.QuoteSQLite(ref.Child.Columns[i].Name)
		})
		if err != nil {
			return nil, err
		}
		values[i] = "(" + expression.Assign(o, ref.Child.Columns[i].Type, ref.Child.Columns[i].Name) + ")" // for generated columns over this one
		sets = append(sets, schemas.QuoteSQLite(ref.Child.Columns[i].Name)+" = "+values[i])
	}
	list := k.deeper(ref, match)
	return append(list, "UPDATE "+tableSQL(ref.Child)+" SET "+strings.Join(sets, ", ")+" WHERE "+match, "SELECT marmot_cascade(-1)"), nil
}

// foreignKeyText is a foreign key as MySQL's errors 1451 and 1452 print it.
func foreignKeyText(t *schemas.Table, fk *schemas.ForeignKey) string {
	var columns, referenced []string
	for _, c := range fk.Columns {
		columns = append(columns, schemas.QuoteName(t.Columns[c].Name))
	}
	for _, c := range fk.ReferencedColumns {
		referenced = append(referenced, schemas.QuoteName(c))
	}
	parent := schemas.QuoteName(fk.ReferencedTable)
	if fk.ReferencedDatabase != t.Database {
		parent = schemas.QuoteName(fk.ReferencedDatabase) + "." + parent
	}
	text := schemas.QuoteName(t.Database) + "." + schemas.QuoteName(t.Name) + ", CONSTRAINT " + schemas.QuoteName(fk.Name) +
		" FOREIGN KEY (" + strings.Join(columns, ", ") + ") REFERENCES " + parent + " (" + strings.Join(referenced, ", ") + ")"
	for _, a := range []struct {
		word   string
		action schemas.ReferentialAction
	}{{" ON DELETE ", fk.OnDelete}, {" ON UPDATE ", fk.OnUpdate}} {
		switch a.action {
		case schemas.Restrict:
			text += a.word + "RESTRICT"
		case schemas.Cascade:
			text += a.word + "CASCADE"
		case schemas.SetNull:
			text += a.word + "SET NULL"
		}
	}
	return text
}
