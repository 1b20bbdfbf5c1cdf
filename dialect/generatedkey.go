package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// generatedKey is the column of a generated invisible primary key.
const generatedKey = "my_row_id"

// generateKey gives a new table an invisible primary key if the session asks for that (sql_generate_invisible_primary_key), and the table has neither a
// primary key nor a unique one without NULL. It reports whether it did.
func (d *definition) generateKey(spec *tableSpec) (bool, error) {
	v, err := d.e.SystemVariable("session", "sql_generate_invisible_primary_key")
	if err != nil || !isOn(v) || slices.ContainsFunc(spec.indexes, spec.identifies) {
		return false, err
	}
	for i := range spec.columns {
		switch c := &spec.columns[i]; {
		case strings.EqualFold(c.name, generatedKey):
			return false, mysqlerr.Newf(4108, "Failed to generate invisible primary key. Column '%s' already exists.", generatedKey)
		case c.autoIncrement:
			return false, mysqlerr.Newf(4109, "Failed to generate invisible primary key. Auto-increment column already exists.")
		}
	}
	if spec.partitioning != nil {
		return false, mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "generating invisible primary key for the partitioned tables")
	}
	var key tableSpec
	column := newTextReader(d.c, "BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE PRIMARY KEY").column(generatedKey)
	key.addColumn(&column)
	spec.columns = append(key.columns, spec.columns...)
	spec.indexes = append(key.indexes, spec.indexes...)
	return true, nil
}

// identifies reports whether an index is the primary key, or a unique one of columns that may not be NULL.
func (t *tableSpec) identifies(ix indexSpec) bool {
	if ix.kind == indexPrimary {
		return true
	}
	return ix.kind == indexUnique && !slices.ContainsFunc(ix.parts, func(p partSpec) bool { return p.expression != "" || !t.notNull(p.column) })
}

func (t *tableSpec) notNull(name string) bool {
	for i := range t.columns {
		if strings.EqualFold(t.columns[i].name, name) {
			return t.columns[i].notNull
		}
	}
	return slices.ContainsFunc(t.selected, func(c schemas.Column) bool { return strings.EqualFold(c.Name, name) && !c.Nullable })
}

// isOn reads the value of a variable that is ON or OFF.
func isOn(v txn.Value) bool {
	text := string(v.Bytes())
	return text == "ON" || text == "1" || v.Kind() == txn.KindInteger && v.Int64() != 0
}
