package dialect

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

func sortDatabases(list []*schemas.Database) {
	slices.SortFunc(list, func(a, b *schemas.Database) int { return strings.Compare(a.Name, b.Name) })
}

func schemataRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, d := range allDatabases(c) {
		if err := row([]txn.Value{text("def"), text(d.Name), text(d.Charset), text(d.Collation), txn.Null(), text("NO")}); err != nil {
			return err
		}
	}
	return nil
}

// createdText is a table's creation as a stored TIMESTAMP.
func createdText(us int64) txn.Value {
	if us == 0 {
		return text("1970-01-01 00:00:01")
	}
	return text(time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05"))
}

// catalogPage is the size that MySQL reports for the smallest table or index.
const catalogPage = 16384

// tableStatus is the part of information_schema.TABLES from ENGINE on, which SHOW TABLE STATUS
// shows too.
func tableStatus(e Environment, t *schemas.Table) []txn.Value {
	rows := server(e).TableRows(t)
	engine := t.Engine
	if engine == "" {
		engine = "InnoDB"
	}
	next := txn.Null() // of a column that has given no value yet, too, unless the table was altered: InnoDB's counter begins with its first use
	if t.AutoIncrement >= 0 {
		if n := server(e).AutoIncrement(t); n > 1 || t.AutoIncrementStart > 0 || engine != "InnoDB" {
			next = unsigned(n)
		}
	}
	format := "Dynamic"
	var options []string
	for _, name := range optionOrder() {
		for _, o := range t.Options {
			if o.Name != name {
				continue
			}
			if name == "ROW_FORMAT" {
				format = strings.ToUpper(o.Value[:1]) + strings.ToLower(o.Value[1:])
			}
			options = append(options, strings.ToLower(o.Name)+"="+o.Value)
		}
	}
	if t.Partitioning != nil {
		options = append(options, "partitioned")
	}
	return []txn.Value{text(engine), count(10), text(format), txn.Int(rows), count(0), count(catalogPage), count(0),
		count(catalogPage * len(t.Indexes)), count(0), next, createdText(t.CreatedUS), txn.Null(), txn.Null(), text(t.Collation), txn.Null(),
		text(strings.Join(options, " ")), text(t.Comment)}
}

// viewStatus is tableStatus of a view.
func viewStatus(v *schemas.View) []txn.Value {
	list := make([]txn.Value, 17)
	list[10] = createdText(v.CreatedUS)
	list[16] = text("VIEW")
	return list
}

// unsigned is the stored form of a BIGINT UNSIGNED.
func unsigned(n uint64) txn.Value {
	if n > 1<<63-1 {
		return text(strconv.FormatUint(n, 10))
	}
	return txn.Int(int64(n))
}

func tablesRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	emit := func(database, name, kind string, status []txn.Value) error {
		return row(append([]txn.Value{text("def"), text(database), text(name), text(kind)}, status...))
	}
	for _, d := range allDatabases(c) {
		for _, t := range d.SortedTables() {
			if err := emit(d.Name, t.Name, "BASE TABLE", tableStatus(e, t)); err != nil {
				return err
			}
		}
		for _, v := range d.SortedViews() {
			if err := emit(d.Name, v.Name, "VIEW", viewStatus(v)); err != nil {
				return err
			}
		}
		for _, v := range virtualsOf(d.Name) {
			if err := emit(d.Name, v.Name, v.kind(), v.status()); err != nil {
				return err
			}
		}
	}
	return nil
}

// virtualsOf lists the virtual tables of a database, without the helpers of SHOW.
func virtualsOf(database string) []*virtualTable {
	var list []*virtualTable
	for _, v := range loadVirtuals().list {
		if v.Database == database {
			list = append(list, v)
		}
	}
	return list
}

// catalogColumn is a column of a table, view or virtual table, as information_schema has it.
type catalogColumn struct {
	schemas.Column
	key   string // PRI, UNI, MUL or empty
	extra string
	shown txn.Value // default
}

// tableColumns describes the columns of a table.
func tableColumns(t *schemas.Table, zone *time.Location) []catalogColumn {
	visible := t.VisibleColumns()
	list := make([]catalogColumn, len(visible))
	for n, i := range visible {
		c := &t.Columns[i]
		list[n] = catalogColumn{Column: *c, key: columnKeyWord(t, i), extra: columnExtra(t, i), shown: columnDefault(c, zone)}
	}
	return list
}

// columnKeyWord is PRI, UNI or MUL. Without a primary key the first unique index without NULLs stands for it.
func columnKeyWord(t *schemas.Table, column int) string {
	primary := t.Primary
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if primary == nil && ix.Unique && !slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool {
			return p.Column < 0 || t.Columns[p.Column].Nullable || p.Prefix > 0
		}) {
			primary = ix
		}
	}
	if primary != nil && slices.ContainsFunc(primary.Parts, func(p schemas.IndexPart) bool { return p.Column == column }) {
		return "PRI"
	}
	key := ""
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if ix.Parts[0].Column != column {
			continue
		}
		if ix.Unique && len(ix.Parts) == 1 {
			return "UNI"
		}
		key = "MUL"
	}
	return key
}

func columnExtra(t *schemas.Table, column int) string {
	c := &t.Columns[column]
	var list []string
	switch {
	case column == t.AutoIncrement:
		list = append(list, "auto_increment")
	case c.Generated != nil && c.Generated.Stored:
		list = append(list, "STORED GENERATED")
	case c.Generated != nil:
		list = append(list, "VIRTUAL GENERATED")
	case c.Default != nil && (c.Default.Now || c.Default.Expression != ""):
		list = append(list, "DEFAULT_GENERATED")
	}
	if c.OnUpdateNow {
		list = append(list, "on update "+nowText(c.Type.Decimals))
	}
	if c.Invisible {
		list = append(list, "INVISIBLE")
	}
	return strings.Join(list, " ")
}

func columnDefault(c *schemas.Column, zone *time.Location) txn.Value {
	d := c.Default
	switch {
	case d == nil:
		return txn.Null()
	case d.Now:
		return text(nowText(c.Type.Decimals))
	case d.Expression != "":
		return text(escapedExpression(d.Expression))
	}
	if c.Type.IsBlob() {
		return text(binaryDefault(d.Literal.Bytes()))
	}
	return text(defaultShown(c, zone))
}

// binaryDefault is the default of a binary column in the catalog, which shows its bytes up to the first zero.
func binaryDefault(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return "0x" + strings.ToUpper(hex.EncodeToString(b))
}

// escapedExpression is an expression as the columns of the catalog show it, with backslashes before its quotes.
func escapedExpression(expression string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\x1a", `\Z`).Replace(expression)
}

// viewColumns describes the columns of a view; none if the view does not compile.
func viewColumns(c *schemas.Catalog, v *schemas.View) []catalogColumn {
	p, err := planSelectText(&Context{Catalog: c, Database: v.Database, Mode: DefaultSQLMode, Collation: v.Collation, User: v.Definer}, v.Select)
	if err != nil {
		return nil
	}
	list := make([]catalogColumn, len(p.Columns))
	for i, r := range p.Columns {
		list[i] = catalogColumn{Column: schemas.Column{Name: r.Name, Type: r.Type, Nullable: r.Nullable}}
		if i < len(v.Columns) {
			list[i].Name = v.Columns[i]
		}
		if r.Type.Kind == 0 { // NULL
			list[i].Type, list[i].Nullable = schemas.Type{Kind: schemas.VarBinary}, true
		}
		list[i].shown = expressionDefault(&r)
		if t := c.Table(r.Database, r.OrgTable); t != nil && r.OrgName != "" {
			if at := t.ColumnIndex(r.OrgName); at >= 0 {
				list[i].shown, list[i].Comment = columnDefault(&t.Columns[at], time.UTC), t.Columns[at].Comment
				if at == t.AutoIncrement {
					list[i].shown = text("0")
				}
			}
		}
	}
	return list
}

// expressionDefault is the default that a view's column has which is no column of a table: the empty value of its
// type, unless it may be NULL.
func expressionDefault(r *ResultColumn) txn.Value {
	t := r.Type
	fraction := ""
	if t.Decimals > 0 {
		fraction = "." + strings.Repeat("0", t.Decimals)
	}
	switch {
	case r.Nullable || r.OrgName != "" || t.Kind == 0 || t.Kind == schemas.JSON || t.Kind == schemas.Geometry || t.IsLarge():
		return txn.Null()
	case t.IsInteger(), t.Kind == schemas.Float, t.Kind == schemas.Double:
		return text("0")
	case t.Kind == schemas.Decimal:
		return text("0" + fraction)
	case t.Kind == schemas.Date:
		return text("0000-00-00")
	case t.Kind == schemas.Time:
		return text("00:00:00" + fraction)
	case t.Kind == schemas.DateTime, t.Kind == schemas.Timestamp:
		return text("0000-00-00 00:00:00" + fraction)
	case t.IsText(), t.IsBlob():
		return text("")
	}
	return txn.Null()
}

// virtualColumns describes the columns of a virtual table.
func virtualColumns(v *virtualTable) []catalogColumn {
	list := make([]catalogColumn, len(v.Columns))
	for i := range v.Columns {
		list[i] = catalogColumn{Column: v.Columns[i]}
		if i < len(v.shown) && v.Database != "information_schema" {
			x := v.shown[i]
			list[i].key, list[i].extra = x.key, x.extra
			if x.fallback != noDefault {
				list[i].shown = text(x.fallback)
			}
		}
	}
	return list
}

// eachObject hands over tables, views and virtual tables with their columns, by database and name.
func eachObject(c *schemas.Catalog, zone *time.Location, each func(database, name string, columns []catalogColumn) error) error {
	for _, d := range allDatabases(c) {
		for _, t := range d.SortedTables() {
			if err := each(d.Name, t.Name, tableColumns(t, zone)); err != nil {
				return err
			}
		}
		for _, v := range d.SortedViews() {
			if err := each(d.Name, v.Name, viewColumns(c, v)); err != nil {
				return err
			}
		}
		for _, v := range virtualsOf(d.Name) {
			if err := each(d.Name, v.Name, virtualColumns(v)); err != nil {
				return err
			}
		}
	}
	return nil
}

// columnPrivileges is what one may do to a column.
const columnPrivileges = "select,insert,update,references"

func columnsRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return eachObject(c, e.Zone(), func(database, name string, columns []catalogColumn) error {
		for i := range columns {
			if err := row(columnRow(database, name, i, &columns[i])); err != nil {
				return err
			}
		}
		return nil
	})
}

func columnRow(database, table string, at int, c *catalogColumn) []txn.Value {
	t := c.Type
	characters, octets := textLimits(&t)
	precision, scale := numericLimits(&t)
	fraction, srid := txn.Null(), txn.Null()
	if t.Kind == schemas.DateTime || t.Kind == schemas.Timestamp || t.Kind == schemas.Time {
		fraction = count(t.Decimals)
	}
	if t.SRID != 0 || t.SRIDGiven {
		srid = txn.Int(int64(t.SRID))
	}
	generation := ""
	if c.Generated != nil {
		generation = escapedExpression(c.Generated.Expression)
	}
	return []txn.Value{text("def"), text(database), text(table), text(c.Name), count(at + 1), c.shown, yes(c.Nullable), text(t.Name()),
		characters, octets, precision, scale, fraction, optional(t.Charset), optional(t.Collation), text(t.String()), text(c.key),
		text(c.extra), text(columnPrivileges), text(c.Comment), text(generation), srid}
}

// textLimits returns the greatest length of strings in characters and bytes.
func textLimits(t *schemas.Type) (characters, octets txn.Value) {
	var n, bytes int
	switch t.Kind {
	case schemas.Char, schemas.VarChar, schemas.Binary, schemas.VarBinary:
		n, bytes = t.Length, t.Length*maxLen(t)
	case schemas.TinyText, schemas.TinyBlob:
		n, bytes = 1<<8-1, 1<<8-1
	case schemas.Text, schemas.Blob:
		n, bytes = 1<<16-1, 1<<16-1
	case schemas.MediumText, schemas.MediumBlob:
		n, bytes = 1<<24-1, 1<<24-1
	case schemas.LongText, schemas.LongBlob:
		n, bytes = 1<<32-1, 1<<32-1
	case schemas.Enum, schemas.Set:
		n = 0
		for _, m := range t.Members {
			length := len([]rune(m))
			if t.Kind == schemas.Set {
				n += length + 1
			} else {
				n = max(n, length)
			}
		}
		if t.Kind == schemas.Set && n > 0 {
			n--
		}
		bytes = n * maxLen(t)
	default:
		return txn.Null(), txn.Null()
	}
	return count(n), count(bytes)
}

// numericLimits returns digits and scale of numbers.
func numericLimits(t *schemas.Type) (precision, scale txn.Value) {
	switch t.Kind {
	case schemas.TinyInt:
		return count(3), count(0)
	case schemas.SmallInt:
		return count(5), count(0)
	case schemas.MediumInt:
		return count(7), count(0)
	case schemas.Int:
		return count(10), count(0)
	case schemas.BigInt:
		if t.Unsigned {
			return count(20), count(0)
		}
		return count(19), count(0)
	case schemas.Decimal:
		return count(t.Length), count(t.Decimals)
	case schemas.Bit:
		return count(t.Length), txn.Null()
	case schemas.Float, schemas.Double:
		if t.Decimals >= 0 {
			return count(t.Length), count(t.Decimals)
		}
		if t.Kind == schemas.Float {
			return count(12), txn.Null()
		}
		return count(22), txn.Null()
	}
	return txn.Null(), txn.Null()
}

func viewsRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, d := range c.SortedDatabases() {
		for _, v := range d.SortedViews() {
			check := v.CheckOption
			if check == "" {
				check = "NONE"
			}
			if err := row([]txn.Value{text("def"), text(d.Name), text(v.Name), text(v.Select), text(check), text(updatableText(c, v)), text(v.Definer),
				text(v.Security), text(v.Charset), text(v.Collation)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// partitionsRows has a row for each partition, and one for each table without and each view.
func partitionsRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, d := range c.SortedDatabases() {
		for _, t := range d.SortedTables() {
			if t.Partitioning != nil {
				if err := partitionRows(t, server(e).TableRows(t), row); err != nil {
					return err
				}
				continue
			}
			values := make([]txn.Value, 26)
			values[0], values[1], values[2] = text("def"), text(d.Name), text(t.Name)
			values[13], values[14], values[15], values[16] = txn.Int(server(e).TableRows(t)), count(0), count(catalogPage), count(0)
			values[17], values[18], values[19] = count(catalogPage*len(t.Indexes)), count(0), createdText(t.CreatedUS)
			values[23], values[24] = text(""), text("")
			if err := row(values); err != nil {
				return err
			}
		}
		for _, v := range d.SortedViews() {
			values := make([]txn.Value, 26)
			values[0], values[1], values[2] = text("def"), text(d.Name), text(v.Name)
			for i := 13; i < 19; i++ {
				values[i] = count(0)
			}
			values[19], values[23], values[24] = createdText(0), text(""), text("")
			if err := row(values); err != nil {
				return err
			}
		}
	}
	return nil
}
