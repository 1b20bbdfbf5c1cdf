package dialect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"marmot/dialect/fulltext"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Limits of MySQL on indexes.
const (
	maxIndexes    = 64
	maxIndexParts = 16
	maxKeyBytes   = 3072
)

// indexes adds indexes to the table: it names those without a name, leaves out those that a
// foreign key brought along and another serves, and puts all into MySQL's order.
func (b *tableBuilder) indexes(specs []indexSpec) error {
	t := b.table
	for i := range specs {
		if err := b.index(&specs[i]); err != nil {
			return err
		}
	}
	b.dropRedundant()
	if err := b.indexNames(); err != nil {
		return err
	}
	if len(t.Indexes) > maxIndexes || t.Primary != nil && len(t.Indexes) == maxIndexes {
		return mysqlerr.New(mysql.ER_TOO_MANY_KEYS, maxIndexes)
	}
	slices.SortStableFunc(t.Indexes, func(x, y schemas.Index) int { return cmp.Compare(b.rank(&x), b.rank(&y)) })
	return nil
}

// rank orders indexes as MySQL does: unique ones without NULLs, without prefixes, other unique
// ones, plain ones, those over expressions or virtual columns, full-text ones.
func (b *tableBuilder) rank(ix *schemas.Index) int {
	r := 0
	if ix.Fulltext {
		r += 32
	}
	if !ix.Unique {
		r += 16
	}
	for _, p := range ix.Parts {
		if p.Expression != "" || b.table.Columns[p.Column].Generated != nil && !b.table.Columns[p.Column].Generated.Stored {
			r |= 1
		}
		if ix.Unique && (p.Expression != "" || b.table.Columns[p.Column].Nullable) {
			r |= 8
		}
		if ix.Unique && p.Prefix > 0 {
			r |= 4
		}
	}
	return r
}

// index adds one index at the end.
func (b *tableBuilder) index(w *indexSpec) error {
	t := b.table
	ix := schemas.Index{Name: w.name, Comment: b.comment(w.comment), Invisible: w.invisible, Using: w.using, Parser: w.parser, Generated: w.generated,
		Unique: w.kind == indexUnique || w.kind == indexPrimary, Fulltext: w.kind == indexFulltext, Spatial: w.kind == indexSpatial}
	if utf8.RuneCountInString(w.comment) > 1024 {
		return mysqlerr.New(mysql.ER_TOO_LONG_INDEX_COMMENT, w.name, 1024)
	}
	if w.parser != "" && !strings.EqualFold(w.parser, fulltext.NgramParser) {
		return mysqlerr.New(mysql.ER_FUNCTION_NOT_DEFINED, w.parser)
	}
	if w.kind == indexPrimary {
		if t.Primary != nil {
			return mysqlerr.New(mysql.ER_MULTIPLE_PRI_KEY)
		}
		ix.Name = "PRIMARY"
	} else if ix.Name != "" && (strings.EqualFold(ix.Name, "PRIMARY") || checkName(ix.Name, mysql.ER_WRONG_NAME_FOR_INDEX) != nil) {
		return mysqlerr.New(mysql.ER_WRONG_NAME_FOR_INDEX, ix.Name)
	}
	if len(w.parts) > maxIndexParts {
		return mysqlerr.New(mysql.ER_TOO_MANY_KEY_PARTS, maxIndexParts)
	}
	bytes := 0
	for i := range w.parts {
		p, n, err := b.indexPart(&ix, w, &w.parts[i])
		if err != nil {
			return err
		}
		bytes += n
		ix.Parts = append(ix.Parts, p)
	}
	if bytes > maxKeyBytes && !ix.Fulltext && !ix.Spatial {
		return mysqlerr.New(mysql.ER_TOO_LONG_KEY, maxKeyBytes)
	}
	if w.kind == indexPrimary {
		t.Primary = &ix
		return b.primaryNotNull(&ix)
	}
	t.Indexes = append(t.Indexes, ix)
	return nil
}

// primaryNotNull makes the columns of the primary key NOT NULL.
func (b *tableBuilder) primaryNotNull(ix *schemas.Index) error {
	for _, p := range ix.Parts {
		c := &b.table.Columns[p.Column]
		if b.explicit[strings.ToLower(c.Name)] {
			return mysqlerr.New(mysql.ER_PRIMARY_CANT_HAVE_NULL)
		}
		if c.Generated != nil && !c.Generated.Stored {
			return mysqlerr.New(3106, "Defining a virtual generated column as primary key")
		}
		c.Nullable = false
	}
	return nil
}

// indexNames gives a name to each index that has none, after its first column, and refuses
// names that come twice.
func (b *tableBuilder) indexNames() error {
	t := b.table
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		taken := func(name string) bool {
			return slices.ContainsFunc(t.Indexes[:i], func(x schemas.Index) bool { return strings.EqualFold(x.Name, name) })
		}
		if ix.Name != "" {
			if taken(ix.Name) {
				return mysqlerr.New(mysql.ER_DUP_KEYNAME, ix.Name)
			}
			continue
		}
		base := "functional_index"
		if p := &ix.Parts[0]; p.Expression == "" {
			base = t.Columns[p.Column].Name
		}
		ix.Name = base
		for n := 2; strings.EqualFold(ix.Name, "PRIMARY") || taken(ix.Name); n++ {
			ix.Name = fmt.Sprintf("%s_%d", base, n)
		}
	}
	return nil
}

// indexPart checks one part and returns it with the bytes that it takes of a key.
func (b *tableBuilder) indexPart(ix *schemas.Index, w *indexSpec, part *partSpec) (schemas.IndexPart, int, error) {
	p := schemas.IndexPart{Column: -1, Descending: part.descending}
	if part.expression != "" {
		return b.functionalPart(ix, w, part, p)
	}
	t := b.table
	p.Column = t.ColumnIndex(part.column)
	if p.Column < 0 {
		return p, 0, mysqlerr.New(mysql.ER_KEY_COLUMN_DOES_NOT_EXITS, part.column)
	}
	c := &t.Columns[p.Column]
	if slices.ContainsFunc(ix.Parts, func(x schemas.IndexPart) bool { return x.Column == p.Column }) {
		return p, 0, mysqlerr.New(mysql.ER_DUP_FIELDNAME, c.Name)
	}
	switch {
	case c.Type.Kind == schemas.JSON:
		return p, 0, mysqlerr.New(3152, c.Name)
	case ix.Fulltext:
		if !c.Type.IsText() || c.Type.Kind == schemas.Enum || c.Type.Kind == schemas.Set {
			return p, 0, mysqlerr.New(mysql.ER_BAD_FT_COLUMN, c.Name)
		}
		if len(ix.Parts) > 0 && t.Columns[ix.Parts[0].Column].Type.Collation != c.Type.Collation {
			return p, 0, mysqlerr.New(mysql.ER_BAD_FT_COLUMN, c.Name)
		}
		return p, 0, nil
	case ix.Spatial:
		if len(w.parts) > 1 {
			return p, 0, mysqlerr.New(mysql.ER_TOO_MANY_KEY_PARTS, 1)
		}
		if c.Type.Kind != schemas.Geometry {
			return p, 0, mysqlerr.New(mysql.ER_SPATIAL_MUST_HAVE_GEOM_COL)
		}
		if c.Nullable {
			return p, 0, mysqlerr.New(mysql.ER_SPATIAL_CANT_HAVE_NULL)
		}
		return p, 0, nil
	case c.Type.Kind == schemas.Vector:
		return p, 0, mysqlerr.New(6134, c.Name)
	case c.Type.Kind == schemas.Geometry: // any index of a geometry is a spatial one
		switch {
		case ix.Unique:
			return p, 0, mysqlerr.New(3728)
		case part.length >= 0:
			return p, 0, mysqlerr.New(mysql.ER_WRONG_SUB_KEY)
		case c.Nullable:
			return p, 0, mysqlerr.New(mysql.ER_SPATIAL_CANT_HAVE_NULL)
		}
		ix.Spatial = true
		return p, 0, nil
	}
	return b.prefix(c, part, p)
}

// prefix settles the length of a part and returns it with the bytes of its key.
func (b *tableBuilder) prefix(c *schemas.Column, part *partSpec, p schemas.IndexPart) (schemas.IndexPart, int, error) {
	text := c.Type.Kind >= schemas.Char && c.Type.Kind <= schemas.LongBlob
	full := c.Type.Length * maxLen(&c.Type)
	if !text {
		full = rowBytes(&c.Type)
	}
	if part.length < 0 {
		if c.Type.IsLarge() {
			return p, 0, mysqlerr.New(mysql.ER_BLOB_KEY_WITHOUT_LENGTH, c.Name)
		}
		if full > maxKeyBytes {
			return p, 0, mysqlerr.New(mysql.ER_TOO_LONG_KEY, maxKeyBytes)
		}
		return p, full, nil
	}
	if !text || !c.Type.IsLarge() && part.length > c.Type.Length {
		return p, 0, mysqlerr.New(mysql.ER_WRONG_SUB_KEY)
	}
	if c.Type.IsLarge() || part.length < c.Type.Length {
		p.Prefix = part.length
	}
	n := part.length * maxLen(&c.Type)
	if n > maxKeyBytes {
		return p, 0, mysqlerr.New(mysql.ER_TOO_LONG_KEY, maxKeyBytes)
	}
	return p, n, nil
}

// dropRedundant takes away indexes that were made for foreign keys and that begin another
// index; of two equal ones the later stays.
func (b *tableBuilder) dropRedundant() {
	t := b.table
	redundant := make([]bool, len(t.Indexes))
	for i := range t.Indexes {
		if !t.Indexes[i].Generated {
			continue
		}
		if t.Primary != nil && isPrefix(&t.Indexes[i], t.Primary) {
			redundant[i] = true
			continue
		}
		for j := range t.Indexes {
			other := &t.Indexes[j]
			if i == j || redundant[j] || other.Fulltext || other.Spatial || !isPrefix(&t.Indexes[i], other) {
				continue
			}
			redundant[i] = true
			break
		}
	}
	kept := t.Indexes[:0]
	for i := range t.Indexes {
		if !redundant[i] {
			kept = append(kept, t.Indexes[i])
		}
	}
	t.Indexes = kept
}

// isPrefix reports whether the parts of a are the first parts of b.
func isPrefix(a, b *schemas.Index) bool {
	if len(a.Parts) > len(b.Parts) {
		return false
	}
	for i, p := range a.Parts {
		if q := b.Parts[i]; p.Column != q.Column || p.Prefix != q.Prefix || p.Descending != q.Descending || p.Expression != "" {
			return false
		}
	}
	return true
}
