package schemas

import "slices"

// Clustered is the index by which InnoDB keeps a table's rows: the primary key, or the first unique index without NULL and prefixes; nil: it keeps
// them by a hidden row id.
func (t *Table) Clustered() *Index {
	if t.Identity != HiddenRowID {
		return t.Primary
	}
	for _, ix := range t.UniqueIndexes() {
		if !slices.ContainsFunc(ix.Parts, func(p IndexPart) bool {
			return p.Expression != "" || p.Prefix > 0 || t.Columns[p.Column].Nullable
		}) {
			return ix
		}
	}
	return nil
}

// ScanIndex is the index in whose order MySQL reads all rows of a table for a statement that wants some columns: the shortest secondary one that has them all,
// with the columns of the clustered key that InnoDB adds. nil: it reads the rows as they are kept.
func (t *Table) ScanIndex(wanted []int) *Index {
	clustered := t.Clustered()
	var best *Index
	least := 0
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if ix == clustered || ix.Fulltext || ix.Spatial || ix.Invisible || !covers(wanted, ix, clustered) {
			continue
		}
		length := 0
		for _, p := range ix.Parts {
			length += keyPartBytes(&t.Columns[p.Column], p.Prefix)
		}
		if best == nil || length < least {
			best, least = ix, length
		}
	}
	if best != nil && len(best.Parts) >= len(t.Columns) && clustered != nil && covers(wanted, clustered, nil) {
		best = nil // neither is shorter
	}
	if best == nil && clustered != nil && slices.ContainsFunc(clustered.Parts, func(p IndexPart) bool { return p.Descending }) {
		return clustered
	}
	return best
}

// covers reports whether an index has whole columns, those that the clustered one adds included. Of one with expressions it says no.
func covers(wanted []int, ix, clustered *Index) bool {
	if slices.ContainsFunc(ix.Parts, func(p IndexPart) bool { return p.Expression != "" || p.Column < 0 }) {
		return false
	}
	has := func(ix *Index, column int) bool {
		return ix != nil && slices.ContainsFunc(ix.Parts, func(p IndexPart) bool { return p.Expression == "" && p.Column == column && p.Prefix == 0 })
	}
	return !slices.ContainsFunc(wanted, func(column int) bool { return !has(ix, column) && !has(clustered, column) })
}

// KeyBytes is the length of a column in a key, as key_len counts it.
func KeyBytes(c *Column) int { return keyPartBytes(c, 0) }

// keyPartBytes is that of a prefix of so many characters, or of the whole column.
func keyPartBytes(c *Column, prefix int) int {
	t := &c.Type
	characters := func() int {
		n := t.Length
		if prefix > 0 {
			n = prefix
		}
		if cs, ok := LookupCharset(t.Charset); ok && t.IsText() {
			n *= cs.MaxLen
		}
		return n
	}
	fraction := (t.Decimals + 1) / 2
	n := 8
	switch t.Kind {
	case TinyInt, Year:
		n = 1
	case SmallInt:
		n = 2
	case MediumInt, Date:
		n = 3
	case Int, Float:
		n = 4
	case Time:
		n = 3 + fraction
	case Timestamp:
		n = 4 + fraction
	case DateTime:
		n = 5 + fraction
	case Decimal:
		n = decimalBytes(t.Length-t.Decimals) + decimalBytes(t.Decimals)
	case Bit:
		n = (t.Length + 7) / 8
	case Enum:
		if n = 1; len(t.Members) > 255 {
			n = 2
		}
	case Set:
		if n = (len(t.Members) + 7) / 8; n > 4 {
			n = 8
		}
	case Char, Binary:
		n = characters()
	default:
		if prefix > 0 || t.Kind == VarChar || t.Kind == VarBinary {
			n = characters() + 2
		}
	}
	if c.Nullable {
		n++
	}
	return n
}

// decimalBytes is how many bytes digits before or behind the point take: four for each nine, and what is left rounded up.
func decimalBytes(digits int) int { return digits/9*4 + (digits%9+1)/2 }
