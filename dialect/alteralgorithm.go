package dialect

import (
	"slices"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// alterMeans is what MySQL's InnoDB could do a change with. Nothing here is done in another way for it: who asks for an algorithm
// wants to be told where the change would take longer than that.
type alterMeans struct {
	instant, inPlace, online bool
	// reason says why it is not in place, or not without a lock; rebuild, why not at once. Empty: MySQL gives none.
	reason, rebuild string
	// checks: a new CHECK, of which MySQL says it in words of its own.
	checks bool
}

const noLockForCopy = "COPY algorithm requires a lock"

// algorithm refuses an ALGORITHM or a LOCK that MySQL could not make the change with.
func (a *alteration) algorithm() error {
	h := a.spec.how
	if a.spec.onlyRenames() && (h.lock == "NONE" || h.lock == "SHARED") {
		return mysqlerr.New(mysql.ER_ALTER_OPERATION_NOT_SUPPORTED, "LOCK=NONE/SHARED", "LOCK=EXCLUSIVE")
	}
	if h.algorithm != "INSTANT" && h.algorithm != "INPLACE" && h.lock != "NONE" || h.algorithm == "COPY" || a.old.Temporary() ||
		a.spec.partition != nil || len(a.spec.order) > 0 {
		return nil
	}
	m := a.means()
	refuse := func(what, reason, instead string) error {
		if reason == "" {
			return mysqlerr.New(mysql.ER_ALTER_OPERATION_NOT_SUPPORTED, what, instead)
		}
		return mysqlerr.New(mysql.ER_ALTER_OPERATION_NOT_SUPPORTED_REASON, what, reason, instead)
	}
	switch {
	case h.algorithm == "INSTANT" && m.checks:
		return refuse("ALGORITHM=INSTANT", "", "ALGORITHM=COPY")
	case h.algorithm == "INSTANT" && !(m.instant && m.inPlace && m.online):
		return refuse("ALGORITHM=INSTANT", m.rebuild, "ALGORITHM=COPY/INPLACE")
	case h.algorithm == "INPLACE" && !m.inPlace:
		return refuse("ALGORITHM=INPLACE", m.reason, "ALGORITHM=COPY")
	case h.lock == "NONE" && m.checks:
		return refuse("LOCK=NONE", noLockForCopy, "LOCK=SHARED")
	case h.lock == "NONE" && !(m.inPlace && m.online):
		return refuse("LOCK=NONE", m.reason, "LOCK=SHARED")
	}
	return nil
}

// means works out what MySQL could make the change with, https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html.
func (a *alteration) means() alterMeans {
	m := alterMeans{instant: true, inPlace: true, online: true}
	locked := func(reason string) {
		if m.instant, m.online = false, false; m.reason == "" {
			m.reason, m.rebuild = reason, reason
		}
	}
	copied := func(reason, rebuild string) {
		if m.instant = false; m.inPlace {
			m.inPlace, m.reason, m.rebuild = false, reason, rebuild
		}
	}
	for i := range a.b.table.Columns {
		a.columnMeans(i, &m, copied, locked)
	}
	if a.old.Primary != nil && a.b.table.Primary == nil {
		copied("Dropping a primary key is not allowed without also adding a new primary key", "Dropping a primary key is not allowed without also adding a new primary key")
	}
	if len(a.spec.add.foreign) > 0 && !a.d.c.NoForeignKeys {
		copied("Adding foreign keys needs foreign_key_checks=OFF", "Adding foreign keys needs foreign_key_checks=OFF")
	}
	if m.inPlace && a.constrains() {
		m.checks = true
		copied("", "")
	}
	for i := range a.spec.add.indexes {
		m.instant = false
		if a.spec.add.indexes[i].kind == indexFulltext {
			locked("Fulltext index creation requires a lock")
		}
	}
	m.instant = m.instant && !a.moves() && !a.spec.force && len(a.spec.add.options) == 0 && len(a.spec.add.foreign) == 0 &&
		!slices.ContainsFunc(a.spec.actions, a.takesTime)
	return m
}

// columnMeans adds what the new table's column i asks for.
func (a *alteration) columnMeans(i int, m *alterMeans, copied func(reason, rebuild string), locked func(reason string)) {
	old, now := a.oldColumn(i), &a.b.table.Columns[i]
	switch {
	case now.Hidden:
	case old == nil && now.Generated != nil && now.Generated.Stored:
		copied("", "")
	case old == nil && a.b.table.AutoIncrement == i:
		locked("Adding an auto-increment column requires a lock")
	case old == nil:
	case !equalTypes(&old.Type, &now.Type) && !grows(&old.Type, &now.Type):
		copied("Cannot change column type INPLACE", "Need to rebuild the table to change column type")
	case old.Nullable != now.Nullable, old.Type.Kind == schemas.VarChar && !equalTypes(&old.Type, &now.Type), old.Type.Kind == schemas.VarBinary && !equalTypes(&old.Type, &now.Type):
		m.instant = false
	}
}

// grows reports whether values of a type are stored as they are in one that holds more: longer VARCHARs whose length takes as many
// bytes, and more members of ENUM and SET behind the others.
func grows(old, now *schemas.Type) bool {
	same := *old
	same.Length, same.Members = now.Length, now.Members
	if !equalTypes(&same, now) {
		return false
	}
	switch old.Kind {
	case schemas.VarChar, schemas.VarBinary:
		width := 1
		if c, ok := schemas.LookupCharset(old.Charset); ok && old.Kind == schemas.VarChar {
			width = c.MaxLen
		}
		return now.Length >= old.Length && (old.Length*width > 255) == (now.Length*width > 255)
	case schemas.Enum:
		return beginsWith(now.Members, old.Members) && (len(old.Members) > 255) == (len(now.Members) > 255)
	case schemas.Set:
		return beginsWith(now.Members, old.Members) && (len(old.Members)+7)/8 == (len(now.Members)+7)/8
	}
	return false
}

func beginsWith(list, head []string) bool {
	return len(list) >= len(head) && slices.Equal(list[:len(head)], head)
}

// moves reports whether columns that stay change their order.
func (a *alteration) moves() bool {
	last := -1
	for i := range a.columns {
		if n := a.columns[i].number; n < len(a.old.Columns) {
			if n < last {
				return true
			}
			last = n
		}
	}
	return false
}

// takesTime reports whether an action is none that InnoDB does in its dictionary alone.
func (a *alteration) takesTime(x alterAction) bool {
	switch x.kind {
	case alterDropIndex, alterRenameIndex, alterIndexVisible, alterDropForeign, alterConvert:
		return true
	case alterDropConstraint:
		return slices.ContainsFunc(a.old.ForeignKeys, func(k schemas.ForeignKey) bool { return k.Name == x.name })
	case alterDropColumn:
		at := a.old.ColumnIndex(x.name)
		return slices.ContainsFunc(allIndexes(a.old), func(ix *schemas.Index) bool {
			return slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool { return p.Column == at })
		})
	}
	return false
}
