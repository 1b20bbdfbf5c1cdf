package dialect

import (
	"slices"
	"strings"

	"marmot/schemas"
)

// readCreated notes what the Debezium connector reads in a CREATE TABLE where that is not what the table is.
func readCreated(t *schemas.Table, spec *tableSpec, database *schemas.Database) {
	r := schemas.Reading{Charset: t.Charset}
	given := func(o optionSpec) bool { return o.name == "CHARSET" && !strings.EqualFold(o.value, "DEFAULT") }
	if database != nil && !slices.ContainsFunc(spec.options, given) {
		r.Charset = database.Charset
	}
	r.EmptyComment = saysNoComment(spec.options, false)
	t.SetReading(readIndexes(nil, spec.indexes, t, true), r)
}

// readCopied is the same for CREATE TABLE … LIKE: the comment of the other table is not read.
func readCopied(t, from *schemas.Table) {
	t.SetReading(from.ReadKeyNames(), schemas.Reading{Charset: from.ReadCharset(), NoComment: t.Comment != ""})
}

// read is the same for an ALTER TABLE.
func (a *alteration) read() {
	t := a.b.table
	var r schemas.Reading
	if a.old.Read != nil {
		r = *a.old.Read
	}
	r.Charset = a.old.ReadCharset()
	if slices.ContainsFunc(a.spec.add.options, func(o optionSpec) bool { return o.name == "COMMENT" }) {
		r.NoComment = false
	}
	r.EmptyComment = saysNoComment(a.spec.add.options, r.EmptyComment)
	key := a.old.ReadKeyNames()
	is := func(name string) func(string) bool { return func(k string) bool { return strings.EqualFold(k, name) } }
	for i := range a.spec.actions {
		x := &a.spec.actions[i]
		to := x.to
		switch x.kind {
		case alterConvert:
			r.Charset = t.Charset
		case alterDropIndex:
			if strings.EqualFold(x.name, "PRIMARY") {
				key = nil
			}
		case alterDropColumn:
			key = slices.DeleteFunc(key, is(x.name))
		case alterChangeColumn:
			to = x.column.name
			fallthrough
		case alterRenameColumn:
			if at := slices.IndexFunc(key, is(x.name)); at >= 0 {
				key[at] = to
			}
		}
	}
	known := readIndexes(key, a.spec.add.indexes, t, false)
	r.KeyComes = a.spec.index && len(key) == 0 && len(known) > 0
	r.KeyUntold = r.KeyComes || a.spec.index && r.KeyUntold
	t.SetReading(known, r)
}

// saysNoComment reports whether the last COMMENT of the options is empty; before without one.
func saysNoComment(options []optionSpec, before bool) bool {
	for _, o := range options {
		if o.name == "COMMENT" {
			before = o.value == ""
		}
	}
	return before
}

// readIndexes is the key that is known behind indexes, of columns as they are at last. One that a column carries counts only where the table is new.
func readIndexes(key []string, indexes []indexSpec, t *schemas.Table, fresh bool) []string {
	for i := range indexes {
		ix := &indexes[i]
		if ix.kind != indexPrimary && (ix.kind != indexUnique || len(key) > 0 || ix.inline && !fresh) {
			continue
		}
		var names []string
		for _, p := range ix.parts {
			at := t.ColumnIndex(p.column)
			if p.expression != "" || at < 0 || t.Columns[at].Nullable && !ix.inline {
				names = nil
				break
			}
			names = append(names, t.Columns[at].Name)
		}
		if names != nil {
			key = names
		}
	}
	return key
}
