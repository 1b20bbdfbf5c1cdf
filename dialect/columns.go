package dialect

import (
	"strconv"

	"marmot/schemas"
)

// Flags of the protocol that do not follow from a column's type.
const (
	flagNotNull       = 1
	flagPrimary       = 2
	flagUnique        = 4
	flagMultiple      = 8
	flagAutoIncrement = 512
	flagTimestamp     = 1024
	flagNoDefault     = 4096
	flagOnUpdateNow   = 8192
	flagPartOfKey     = 16384

	flagsOfKeys = flagPrimary | flagUnique | flagMultiple | flagPartOfKey
)

func notNull(nullable bool) uint16 {
	if nullable {
		return 0
	}
	return flagNotNull
}

// TableColumn describes column i of a table, as COM_FIELD_LIST lists it.
func TableColumn(t *schemas.Table, i int) ResultColumn { return columnMeta(t, i, t.Name) }

// columnMeta describes column i of a base table as a result has it.
func columnMeta(t *schemas.Table, i int, alias string) ResultColumn {
	c := &t.Columns[i]
	m := ResultColumn{Name: c.Name, OrgName: c.Name, Table: alias, OrgTable: t.Name, Database: t.Database,
		Type: c.Type, Nullable: c.Nullable, Flags: notNull(c.Nullable)}
	if t.Primary != nil {
		for _, p := range t.Primary.Parts {
			if p.Column == i {
				m.Flags |= flagPrimary | flagPartOfKey
			}
		}
	}
	for j := range t.Indexes {
		ix := &t.Indexes[j]
		for _, p := range ix.Parts {
			if p.Column == i {
				m.Flags |= flagPartOfKey
			}
		}
		if len(ix.Parts) == 0 || ix.Parts[0].Column != i {
			continue
		}
		if ix.Unique && len(ix.Parts) == 1 {
			m.Flags |= flagUnique
		} else {
			m.Flags |= flagMultiple
		}
	}
	if t.AutoIncrement == i {
		m.Flags |= flagAutoIncrement
	}
	if (!c.Nullable || c.NoDefault) && c.Default == nil && t.AutoIncrement != i {
		m.Flags |= flagNoDefault
	}
	if c.OnUpdateNow {
		m.Flags |= flagOnUpdateNow
	}
	if c.Type.Kind == schemas.Timestamp && (c.OnUpdateNow || c.Default != nil && c.Default.Now) {
		m.Flags |= flagTimestamp
	}
	return m
}

// outName is the SQL name of a query's column i.
func outName(i int) string { return "c" + strconv.Itoa(i+1) }
