package dialect

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"marmot/schemas"
	"marmot/txn"
)

// createTableText is the text of SHOW CREATE TABLE. next is the next AUTO_INCREMENT value, 0 if
// there is none to print; zone is where TIMESTAMP defaults are shown in.
func createTableText(t *schemas.Table, next uint64, zone *time.Location) string {
	var b strings.Builder
	writeTable(&b, t, zone)
	writeTableOptions(&b, t, next)
	return b.String()
}

// CreateTableText is the text of SHOW CREATE TABLE, with TIMESTAMPs in UTC.
func CreateTableText(t *schemas.Table) string { return createTableText(t, 0, time.UTC) }

// shownTable is createTableText in a session's mode: with its quotes, and under ANSI without what other servers do not know.
func shownTable(t *schemas.Table, next uint64, zone *time.Location, mode SQLMode) string {
	if mode&ANSI == 0 {
		return ansiQuoted(createTableText(t, next, zone), mode)
	}
	var b strings.Builder
	writeTable(&b, t, zone)
	return ansiQuoted(b.String(), mode)
}

// ansiQuoted puts double quotes around the names of a text that has been written with backticks, if the mode asks for them.
func ansiQuoted(text string, mode SQLMode) string {
	if mode&ANSIQuotes == 0 {
		return text
	}
	var b strings.Builder
	s := scanner{src: []byte(text)}
	last := 0
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		if t.kind != tokenName || text[t.start] != '`' {
			continue
		}
		name := strings.ReplaceAll(text[t.start+1:t.end-1], "``", "`")
		b.WriteString(text[last:t.start] + `"` + strings.ReplaceAll(name, `"`, `""`) + `"`)
		last = t.end
	}
	return b.String() + text[last:]
}

// writeTable writes CREATE TABLE without the options behind its columns and keys.
func writeTable(b *strings.Builder, t *schemas.Table, zone *time.Location) {
	b.WriteString("CREATE ")
	if t.Temporary() {
		b.WriteString("TEMPORARY ")
	}
	b.WriteString("TABLE " + schemas.QuoteName(t.Name) + " (\n")
	for n, i := range t.VisibleColumns() {
		if n > 0 {
			b.WriteString(",\n")
		}
		b.WriteString("  ")
		writeColumn(b, t, i, zone)
	}
	if t.Primary != nil {
		writeIndex(b, t, t.Primary)
	}
	for i := range t.Indexes {
		writeIndex(b, t, &t.Indexes[i])
	}
	for i := range t.ForeignKeys {
		b.WriteString(",\n  ")
		writeForeignKey(b, t, &t.ForeignKeys[i])
	}
	for i := range t.Checks {
		k := &t.Checks[i]
		b.WriteString(",\n  CONSTRAINT " + schemas.QuoteName(k.Name) + " CHECK (" + k.Expression + ")")
		if !k.Enforced {
			b.WriteString(" /*!80016 NOT ENFORCED */")
		}
	}
	b.WriteString("\n)")
}

func writeColumn(b *strings.Builder, t *schemas.Table, at int, zone *time.Location) {
	c := &t.Columns[at]
	b.WriteString(schemas.QuoteName(c.Name) + " " + c.Type.String())
	if c.Type.Charset != "" {
		co := schemas.LookupCollation(c.Type.Collation)
		other := c.CharsetGiven || c.Type.Collation != t.Collation
		if other {
			b.WriteString(" CHARACTER SET " + c.Type.Charset)
		}
		if c.CharsetGiven || co != nil && !co.Default || other && c.Type.Charset == "utf8mb4" {
			b.WriteString(" COLLATE " + c.Type.Collation)
		}
	}
	if g := c.Generated; g != nil {
		kind := " VIRTUAL"
		if g.Stored {
			kind = " STORED"
		}
		b.WriteString(" GENERATED ALWAYS AS (" + g.Expression + ")" + kind)
	}
	switch {
	case !c.Nullable:
		b.WriteString(" NOT NULL")
	case c.Type.Kind == schemas.Timestamp:
		b.WriteString(" NULL")
	}
	if c.Type.SRID != 0 || c.Type.SRIDGiven {
		b.WriteString(" /*!80003 SRID " + strconv.FormatUint(uint64(c.Type.SRID), 10) + " */")
	}
	if text, ok := defaultClause(c, at == t.AutoIncrement, zone); ok {
		b.WriteString(" DEFAULT " + text)
	}
	if c.OnUpdateNow {
		b.WriteString(" ON UPDATE " + nowText(c.Type.Decimals))
	}
	if at == t.AutoIncrement {
		b.WriteString(" AUTO_INCREMENT")
	}
	if c.Invisible {
		b.WriteString(" /*!80023 INVISIBLE */")
	}
	if c.Comment != "" {
		b.WriteString(" COMMENT " + schemas.QuoteMySQL(c.Comment))
	}
}

// nowText is CURRENT_TIMESTAMP with its precision.
func nowText(decimals int) string {
	if decimals == 0 {
		return "CURRENT_TIMESTAMP"
	}
	return "CURRENT_TIMESTAMP(" + strconv.Itoa(decimals) + ")"
}

// defaultClause is what stands behind DEFAULT, and false when nothing does.
func defaultClause(c *schemas.Column, auto bool, zone *time.Location) (string, bool) {
	d := c.Default
	switch {
	case auto || c.Generated != nil:
		return "", false
	case d == nil:
		return "NULL", c.Nullable && !c.NoDefault && (!c.Type.IsLarge() || c.Type.Kind == schemas.JSON || c.Type.Kind == schemas.Geometry || c.Type.Kind == schemas.Vector)
	case d.Now:
		return nowText(c.Type.Decimals), true
	case d.Expression != "":
		return "(" + d.Expression + ")", true
	case c.Type.Kind == schemas.Bit, c.Type.IsBlob() && !utf8.Valid(d.Literal.Bytes()):
		return d.Text, true
	}
	text := defaultShown(c, zone)
	if c.Type.IsText() && strings.IndexFunc(text, func(r rune) bool { return r > 0xffff }) >= 0 {
		b := []byte(text)
		if encode := schemas.FromUTF8(c.Type.Charset); encode != nil {
			b = encode(nil, b)
		}
		return "0x" + strings.ToUpper(hex.EncodeToString(b)), true
	}
	return schemas.QuoteMySQL(text), true
}

// defaultShown is a literal default as a session in the given zone sees it.
func defaultShown(c *schemas.Column, zone *time.Location) string {
	if c.Type.Kind == schemas.Timestamp && !c.Default.Literal.IsNull() {
		return timestampText(c.Default.Literal, zone, c.Type.Decimals)
	}
	return c.Default.Text
}

// timestampText is a stored TIMESTAMP as it reads in a zone; nil is UTC.
func timestampText(v txn.Value, zone *time.Location, decimals int) string {
	const layout = "2006-01-02 15:04:05"
	text := string(v.Bytes())
	u, err := time.Parse(layout, text)
	if err != nil || zone == nil {
		return text // the zero date
	}
	if decimals == 0 {
		return u.In(zone).Format(layout)
	}
	return u.In(zone).Format(layout + "." + strings.Repeat("0", decimals))
}

func writeIndex(b *strings.Builder, t *schemas.Table, ix *schemas.Index) {
	b.WriteString(",\n  ")
	switch {
	case ix == t.Primary:
		b.WriteString("PRIMARY KEY (")
	case ix.Unique:
		b.WriteString("UNIQUE KEY " + schemas.QuoteName(ix.Name) + " (")
	case ix.Fulltext:
		b.WriteString("FULLTEXT KEY " + schemas.QuoteName(ix.Name) + " (")
	case ix.Spatial:
		b.WriteString("SPATIAL KEY " + schemas.QuoteName(ix.Name) + " (")
	default:
		b.WriteString("KEY " + schemas.QuoteName(ix.Name) + " (")
	}
	for i, p := range ix.Parts {
		if i > 0 {
			b.WriteByte(',')
		}
		if p.Expression != "" {
			b.WriteString("(" + p.Expression + ")")
		} else {
			b.WriteString(schemas.QuoteName(t.Columns[p.Column].Name))
		}
		if p.Prefix > 0 {
			b.WriteString("(" + strconv.Itoa(p.Prefix) + ")")
		}
		if p.Descending {
			b.WriteString(" DESC")
		}
	}
	b.WriteByte(')')
	if ix.Using != "" {
		b.WriteString(" USING " + ix.Using)
	}
	if ix.Comment != "" {
		b.WriteString(" COMMENT " + schemas.QuoteMySQL(ix.Comment))
	}
	if ix.Parser != "" {
		b.WriteString(" /*!50100 WITH PARSER " + schemas.QuoteName(ix.Parser) + " */ ")
	}
	if ix.Invisible {
		b.WriteString(" /*!80000 INVISIBLE */")
	}
}

func writeForeignKey(b *strings.Builder, t *schemas.Table, fk *schemas.ForeignKey) {
	b.WriteString("CONSTRAINT " + schemas.QuoteName(fk.Name) + " FOREIGN KEY (")
	for i, c := range fk.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(schemas.QuoteName(t.Columns[c].Name))
	}
	b.WriteString(") REFERENCES ")
	if fk.ReferencedDatabase != t.Database {
		b.WriteString(schemas.QuoteName(fk.ReferencedDatabase) + ".")
	}
	b.WriteString(schemas.QuoteName(fk.ReferencedTable) + " (")
	for i, c := range fk.ReferencedColumns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(schemas.QuoteName(c))
	}
	b.WriteByte(')')
	if fk.OnDelete != schemas.NoAction {
		b.WriteString(" ON DELETE " + actionText(fk.OnDelete))
	}
	if fk.OnUpdate != schemas.NoAction {
		b.WriteString(" ON UPDATE " + actionText(fk.OnUpdate))
	}
}

// actionText is a referential action in MySQL's words.
func actionText(a schemas.ReferentialAction) string {
	switch a {
	case schemas.Restrict:
		return "RESTRICT"
	case schemas.Cascade:
		return "CASCADE"
	case schemas.SetNull:
		return "SET NULL"
	}
	return "NO ACTION"
}

// optionOrder is the order in which SHOW CREATE TABLE prints table options.
func optionOrder() []string {
	return []string{"MIN_ROWS", "MAX_ROWS", "AVG_ROW_LENGTH", "PACK_KEYS", "STATS_PERSISTENT", "STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES",
		"CHECKSUM", "DELAY_KEY_WRITE", "ROW_FORMAT", "KEY_BLOCK_SIZE", "COMPRESSION", "ENCRYPTION"}
}

func writeTableOptions(b *strings.Builder, t *schemas.Table, next uint64) {
	engine := t.Engine
	if engine == "" {
		engine = "InnoDB"
	}
	b.WriteString(" ENGINE=" + engine)
	if next > 1 && t.AutoIncrement >= 0 {
		b.WriteString(" AUTO_INCREMENT=" + strconv.FormatUint(next, 10))
	}
	b.WriteString(charsetOption(t))
	writeRareOptions(b, t)
}

// charsetOption is the option of a table's character set.
func charsetOption(t *schemas.Table) string {
	text := " DEFAULT CHARSET=" + t.Charset
	if co := schemas.LookupCollation(t.Collation); co == nil || !co.Default || co.Charset == "utf8mb4" {
		text += " COLLATE=" + t.Collation
	}
	return text
}

// writeRareOptions writes the options that a table has only if they were given, and its partitions.
func writeRareOptions(b *strings.Builder, t *schemas.Table) {
	for _, name := range optionOrder() {
		for _, o := range t.Options {
			if o.Name != name {
				continue
			}
			if name == "COMPRESSION" || name == "ENCRYPTION" {
				b.WriteString(" " + name + "=" + schemas.QuoteMySQL(o.Value))
			} else {
				b.WriteString(" " + name + "=" + o.Value)
			}
		}
	}
	if t.Comment != "" {
		b.WriteString(" COMMENT=" + schemas.QuoteMySQL(t.Comment))
	}
	for _, o := range t.Options {
		if o.Name == "CONNECTION" && o.Value != "" {
			b.WriteString(" CONNECTION=" + schemas.QuoteMySQL(o.Value))
		}
	}
	if t.Partitioning != nil {
		b.WriteString(partitionText(t.Partitioning))
	}
}

// loggedTableText is what MySQL logs in place of CREATE TABLE … SELECT and of a table with a generated key: the table with the options that the statement
// gives.
func loggedTableText(t *schemas.Table, spec *tableSpec, zone *time.Location) string {
	var b strings.Builder
	writeTable(&b, t, zone)
	text := b.String()
	if spec.ifNotExists {
		text = strings.Replace(text, "TABLE ", "TABLE IF NOT EXISTS ", 1)
	}
	var options strings.Builder
	given := func(name string) bool {
		return slices.ContainsFunc(spec.options, func(o optionSpec) bool { return o.name == name })
	}
	if given("ENGINE") {
		options.WriteString(" ENGINE=" + t.Engine)
	}
	if given("CHARSET") || given("COLLATE") {
		options.WriteString(charsetOption(t))
	}
	writeRareOptions(&options, t)
	if spec.query != "" {
		text += " START TRANSACTION"
	}
	return text + options.String()
}

// createDatabaseText is the text of SHOW CREATE DATABASE.
func createDatabaseText(d *schemas.Database, ifNotExists bool) string {
	text := "CREATE DATABASE "
	if ifNotExists {
		text += "/*!32312 IF NOT EXISTS*/ "
	}
	text += schemas.QuoteName(d.Name) + " /*!40100 DEFAULT CHARACTER SET " + d.Charset
	if co := schemas.LookupCollation(d.Collation); co == nil || !co.Default || co.Charset == "utf8mb4" {
		text += " COLLATE " + d.Collation
	}
	return text + " */ /*!80016 DEFAULT ENCRYPTION='N' */"
}
