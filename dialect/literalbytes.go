package dialect

import (
	"slices"

	"marmot/schemas"
	"marmot/txn"
)

// foreignCharset is the name of a character set whose text has other bytes than UTF-8, or empty.
func foreignCharset(name string) string {
	switch name {
	case "", "utf8mb4", "utf8mb3", "utf8", "ascii", "binary":
		return ""
	}
	return name
}

// literalCharset is the character set in whose bytes a literal of the connection goes into a column of type t; empty: as it is.
func (k *compiler) literalCharset(t schemas.Type, ref int) string {
	if !t.IsBlob() || ref < literalBase || ref >= localBase {
		return ""
	}
	return foreignCharset(k.textType(0).Charset)
}

// encoded is text as the bytes of a character set.
func encoded(v txn.Value, charset string) txn.Value {
	if charset == "" || v.Kind() != txn.KindText {
		return v
	}
	if encode := schemas.FromUTF8(charset); encode != nil {
		return txn.Blob(encode(nil, v.Bytes()))
	}
	return v
}

// encode is encoded for one row of literals.
func (p *insertPlan) encode(row []txn.Value) []txn.Value {
	if p.charsets == nil {
		return row
	}
	out := slices.Clone(row)
	for i, charset := range p.charsets {
		out[i] = encoded(row[i], charset)
	}
	return out
}
