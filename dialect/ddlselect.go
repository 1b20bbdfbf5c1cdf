package dialect

import (
	"math"
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// queryColumns works out the columns of CREATE TABLE … SELECT: those that the statement defines
// and the query does not have come first, then the query's, and the rows' INSERT.
func (d *definition) queryColumns(b *tableBuilder, spec *tableSpec) error {
	own := *d.c
	own.Mode &^= ANSIQuotes
	p, err := planSelectText(&own, spec.query)
	if err != nil {
		return err
	}
	if p.Params > 0 {
		return syntaxError(d.s.src, len(d.s.src))
	}
	if err := b.options(spec.options); err != nil {
		return err
	}
	for _, t := range p.Tables {
		d.uses(t)
	}
	var first, both []columnSpec
	var names []string
	for _, r := range p.Columns {
		names = append(names, schemas.QuoteName(r.Name))
	}
	for _, c := range spec.columns {
		at := slices.IndexFunc(p.Columns, func(r ResultColumn) bool { return strings.EqualFold(r.Name, c.name) })
		if at < 0 {
			first = append(first, c)
		} else {
			both = append(both, c)
		}
	}
	spec.columns = append(first, both...)
	for _, r := range p.Columns {
		if slices.ContainsFunc(both, func(c columnSpec) bool { return strings.EqualFold(c.name, r.Name) }) {
			continue
		}
		c, err := d.selectedColumn(b, r)
		if err != nil {
			return err
		}
		spec.selected = append(spec.selected, c)
	}
	verb := "INSERT INTO "
	switch spec.replace {
	case "IGNORE":
		verb = "INSERT IGNORE INTO "
	case "REPLACE":
		verb = "REPLACE INTO "
	}
	d.out.Rows = &RowsOfDDL{Insert: verb + schemas.QuoteName(spec.name.Database) + "." + schemas.QuoteName(spec.name.Name) +
		" (" + strings.Join(names, ", ") + ") " + spec.query}
	return nil
}

// selectedColumn is the column that a query's result column becomes. A column of a table keeps
// its definition but for AUTO_INCREMENT and what it is computed from.
func (d *definition) selectedColumn(b *tableBuilder, r ResultColumn) (schemas.Column, error) {
	if err := checkName(r.Name, mysql.ER_WRONG_COLUMN_NAME); err != nil {
		return schemas.Column{}, err
	}
	if len([]rune(r.Name)) > maxName {
		return schemas.Column{}, mysqlerr.New(mysql.ER_TOO_LONG_IDENT, r.Name)
	}
	c := schemas.Column{Name: r.Name, Type: storableType(r.Type), Nullable: r.Nullable}
	if r.Type.Kind == schemas.BigInt && (r.Joined || r.Constant && r.Type.Length >= longLiteral) {
		c.Type.Kind = schemas.BigInt
	}
	source := d.c.Catalog.Table(r.Database, r.OrgTable)
	if source != nil {
		if i := source.ColumnIndex(r.OrgName); i >= 0 && r.OrgName != "" {
			from := &source.Columns[i]
			c.Comment, c.CharsetGiven = from.Comment, from.CharsetGiven
			if c.Type.IsInteger() {
				c.Type.Kind = from.Type.Kind
			}
			if i != source.AutoIncrement {
				if from.Default != nil && from.Default.Expression == "" {
					c.Default = from.Default
				}
				return c, nil
			}
		}
	}
	if !c.Nullable && c.Type.IsNumeric() {
		zero, _, err := schemas.Convert(c.Type, c.Name, txn.Int(0), schemas.Assignment{Strict: true})
		if err != nil {
			return c, err
		}
		c.Default = &schemas.Default{Literal: zero, Text: b.defaultText(c.Type, zero)}
	}
	if !c.Nullable && c.Type.Kind == schemas.Time {
		zero := "00:00:00.000000"[:8+min(c.Type.Decimals, 1)+c.Type.Decimals]
		c.Default = &schemas.Default{Literal: txn.TextString(zero), Text: zero}
	}
	if !c.Nullable && (c.Type.Kind == schemas.Binary || c.Type.Kind == schemas.VarBinary) {
		c.Default = &schemas.Default{Literal: txn.Blob(nil)}
	}
	if !c.Nullable && c.Type.IsText() && !c.Type.IsLarge() && c.Type.Kind != schemas.Enum && c.Type.Kind != schemas.Set {
		c.Default = &schemas.Default{Literal: txn.TextString("")}
	}
	return c, nil
}

// What a DECIMAL column holds at most; a computed one may have more.
const (
	maxStoredDigits   = 65
	maxStoredDecimals = 30
)

// longInteger is the display width from which on a computed integer becomes a BIGINT column.
// For a number that is written out it is longLiteral.
const (
	longInteger = 12
	longLiteral = 10
)

// storableType is the column type for a query's result type.
func storableType(t schemas.Type) schemas.Type {
	if t.IsInteger() {
		if t.Kind == schemas.BigInt && t.Length > 0 && t.Length < longInteger {
			t.Kind = schemas.Int // what prints short enough
		}
		t.Spelling = ""
		if !t.Zerofill {
			t.Length = 0
		}
	}
	switch t.Kind {
	case schemas.Decimal:
		if t.Decimals > maxStoredDecimals {
			whole := max(t.Length-t.Decimals, 1)
			t.Length, t.Decimals = min(whole+maxStoredDecimals, maxStoredDigits), maxStoredDecimals
		}
	case schemas.MediumText:
		t.Kind = schemas.LongText
	case schemas.Text:
		if maxLen(&t) > 1 {
			t.Kind = schemas.LongText
		}
	case 0: // NULL
		return schemas.Type{Kind: schemas.VarBinary}
	case schemas.Char:
		if t.Length > 255 {
			t.Kind = schemas.VarChar
		}
	case schemas.Binary:
		if t.Length > 255 {
			t.Kind = schemas.VarBinary
		}
	}
	if t.IsText() && t.Charset == "" {
		t.Charset, t.Collation = "utf8mb4", "utf8mb4_0900_ai_ci"
	}
	size := t.Length * maxLen(&t)
	if t.Length < 0 && (t.Kind == schemas.VarChar || t.Kind == schemas.VarBinary) {
		size = math.MaxInt32 // as long as the value, which nobody knows
	}
	if (t.Kind == schemas.VarChar || t.Kind == schemas.VarBinary) && size > 16383*4 {
		base := schemas.Text
		if t.Kind == schemas.VarBinary {
			base = schemas.Blob
		}
		switch {
		case size < 1<<16:
			t.Kind = base
		default:
			t.Kind = base + 2
		}
		t.Length = 0
	}
	if t.Kind == schemas.Decimal {
		t.Length = min(max(t.Length, t.Decimals, 1), 65)
	}
	return t
}
