package dialect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// objectOverviewRows is sys.schema_object_overview: how many objects of each kind the databases have.
func objectOverviewRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, d := range allDatabases(c) {
		counts := map[string]int{}
		for _, o := range objectsOf(c, d.Name) {
			counts[o[1]]++
		}
		for _, t := range d.SortedTables() {
			for _, ix := range allIndexes(t) {
				counts["INDEX ("+indexType(ix)+")"] += len(ix.Parts)
			}
		}
		for _, kind := range []schemas.ProgramKind{schemas.Procedure, schemas.Function, schemas.Trigger, schemas.Event} {
			if n := len(d.SortedPrograms(kind)); n > 0 {
				counts[strings.ToUpper(string(kind))] += n
			}
		}
		kinds := make([]string, 0, len(counts))
		for kind := range counts {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		for _, kind := range kinds {
			if err := row([]txn.Value{text(d.Name), text(kind), count(counts[kind])}); err != nil {
				return err
			}
		}
	}
	return nil
}

// integerBits are the bits of the integer types.
var integerBits = map[schemas.Kind]uint{schemas.TinyInt: 8, schemas.SmallInt: 16, schemas.MediumInt: 24, schemas.Int: 32, schemas.BigInt: 64}

// autoIncrementRows is sys.schema_auto_increment_columns: how far the counters are.
func autoIncrementRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		if t.AutoIncrement < 0 {
			return nil
		}
		k := &t.Columns[t.AutoIncrement]
		bits, ok := integerBits[k.Type.Kind]
		if !ok {
			return nil
		}
		most := uint64(math.MaxUint64) >> (64 - bits)
		if !k.Type.Unsigned {
			most >>= 1
		}
		next := server(e).AutoIncrement(t)
		return row([]txn.Value{text(t.Database), text(t.Name), text(k.Name), text(k.Type.Name()), text(k.Type.String()), oneIf(!k.Type.Unsigned),
			oneIf(k.Type.Unsigned), unsigned(most), unsigned(next), text(fmt.Sprintf("%.4f", float64(next)/float64(most)))})
	})
}

// flatIndex is an index as sys.schema_redundant_indexes looks at it.
type flatIndex struct {
	name, columns string
	unique, parts bool // parts: of some columns only a prefix
}

// flatIndexes are the indexes of a table that are B-trees over columns.
func flatIndexes(t *schemas.Table) []flatIndex {
	var list []flatIndex
	for _, ix := range allIndexes(t) {
		if indexType(ix) != "BTREE" {
			continue
		}
		f := flatIndex{name: ix.Name, unique: ix.Unique || ix == t.Primary}
		var names []string
		for _, p := range ix.Parts {
			f.parts = f.parts || p.Prefix > 0
			if p.Column >= 0 {
				names = append(names, t.Columns[p.Column].Name)
			}
		}
		f.columns = strings.Join(names, ",")
		list = append(list, f)
	}
	return list
}

// oneIf is 1 or 0.
func oneIf(b bool) txn.Value {
	if b {
		return count(1)
	}
	return count(0)
}

func flattenedKeyRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		for _, f := range flatIndexes(t) {
			if err := row([]txn.Value{text(t.Database), text(t.Name), text(f.name), oneIf(!f.unique), oneIf(f.parts), text(f.columns)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// covers reports whether an index makes another one redundant: one with the same columns, one that begins with all columns of one that is
// not unique, or a unique one with whose columns the other begins.
func (f flatIndex) covers(other flatIndex) bool {
	switch {
	case f.name == other.name:
		return false
	case f.columns == other.columns && f.unique != other.unique:
		return f.unique
	case f.columns == other.columns:
		return other.name != "PRIMARY" && (f.name == "PRIMARY" || f.name < other.name)
	case strings.HasPrefix(f.columns, other.columns+","):
		return !other.unique
	}
	return f.unique && strings.HasPrefix(other.columns, f.columns+",")
}

func redundantIndexRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		list := flatIndexes(t)
		for _, r := range list {
			for _, d := range list {
				if !d.covers(r) {
					continue
				}
				drop := "ALTER TABLE " + schemas.QuoteName(t.Database) + "." + schemas.QuoteName(t.Name) + " DROP INDEX " + schemas.QuoteName(r.name)
				if err := row([]txn.Value{text(t.Database), text(t.Name), text(r.name), text(r.columns), oneIf(!r.unique), text(d.name), text(d.columns),
					oneIf(!d.unique), oneIf(r.parts || d.parts), text(drop)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
