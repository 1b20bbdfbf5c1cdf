package dialect

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// partitions checks PARTITION BY and gives the table its partitions.
func (b *tableBuilder) partitions(p *schemas.Partitioning) error {
	if p == nil {
		return nil
	}
	t := b.table
	switch {
	case t.Temporary():
		return mysqlerr.New(mysql.ER_PARTITION_NO_TEMPORARY)
	case len(t.ForeignKeys) > 0:
		return mysqlerr.Newf(mysql.ER_FOREIGN_KEY_ON_PARTITIONED, "Foreign keys are not yet supported in conjunction with partitioning")
	case slices.ContainsFunc(t.Indexes, func(ix schemas.Index) bool { return ix.Fulltext }):
		return mysqlerr.New(mysql.ER_TABLE_CANT_HANDLE_FT)
	}
	divided := strings.HasPrefix(p.Method, "RANGE") || strings.HasPrefix(p.Method, "LIST")
	if p.Sub != nil && (!divided || p.Sub.Method != "HASH" && p.Sub.Method != "KEY") {
		return mysqlerr.New(mysql.ER_SUBPARTITION_ERROR)
	}
	for _, one := range []*schemas.Partitioning{p, p.Sub} {
		if one == nil {
			continue
		}
		if err := b.partitionFunction(one); err != nil {
			return err
		}
	}
	if divided && len(p.Parts) == 0 {
		kind, _, _ := strings.Cut(p.Method, " ")
		return mysqlerr.New(mysql.ER_PARTITIONS_MUST_BE_DEFINED_ERROR, kind)
	}
	if err := b.partitionList(p); err != nil {
		return err
	}
	return b.partitionKeys(p)
}

// partitionFunction checks the expression or the columns, and brings them into the form in which they are kept.
func (b *tableBuilder) partitionFunction(p *schemas.Partitioning) error {
	t := b.table
	if p.Expression != "" {
		e, err := parseExpression(p.Expression)
		if err != nil {
			return err
		}
		if err := b.partitionExpression(e); err != nil {
			return err
		}
		p.Expression = expressionText(e, "")
		return nil
	}
	for i, name := range p.Columns {
		at := t.ColumnIndex(name)
		if at < 0 {
			return mysqlerr.New(mysql.ER_FIELD_NOT_FOUND_PART_ERROR)
		}
		for _, before := range p.Columns[:i] {
			if strings.EqualFold(before, name) {
				return mysqlerr.New(mysql.ER_SAME_NAME_PARTITION_FIELD, name)
			}
		}
		typ := t.Columns[at].Type
		switch {
		case typ.IsLarge(), typ.Kind == schemas.JSON, typ.Kind == schemas.Geometry:
			return mysqlerr.New(mysql.ER_BLOB_FIELD_IN_PART_FUNC_ERROR)
		case p.Method == "KEY":
		case typ.IsInteger(), typ.IsText() && typ.Kind != schemas.Enum && typ.Kind != schemas.Set, typ.IsBlob(),
			typ.Kind == schemas.Date, typ.Kind == schemas.DateTime, typ.Kind == schemas.Time:
		default:
			return mysqlerr.New(errPartitionType, name)
		}
		p.Columns[i] = t.Columns[at].Name
	}
	if p.Method == "KEY" {
		names := keyColumns(t, p)
		nullable := func(name string) bool { return t.Columns[t.ColumnIndex(name)].Nullable }
		if len(names) == 0 || len(p.Columns) == 0 && slices.ContainsFunc(names, nullable) {
			return mysqlerr.New(mysql.ER_FIELD_NOT_FOUND_PART_ERROR)
		}
	}
	return nil
}

// partitionExpression checks the function of RANGE, LIST or HASH.
func (b *tableBuilder) partitionExpression(e sqlparser.Expr) error {
	t := b.table
	notAllowed := mysqlerr.New(mysql.ER_WRONG_EXPR_IN_PARTITION_FUNC_ERROR)
	columns, timestamp := 0, false
	var refused error
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch x := n.(type) {
		case *sqlparser.ColName:
			columns++
			i := t.ColumnIndex(x.Name.String())
			if i < 0 {
				refused = mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, x.Name.String(), "partition function")
				return false, nil
			}
			timestamp = timestamp || t.Columns[i].Type.Kind == schemas.Timestamp
			x.Name = sqlparser.NewIdentifierCI(t.Columns[i].Name)
			x.Qualifier = sqlparser.TableName{}
		case *sqlparser.FuncExpr:
			name := x.Name.Lowered()
			if name == "rand" || !pureFunction(name, len(x.Exprs)) {
				refused = notAllowed
			} else if !partitionFunctionAllowed(name) {
				refused = mysqlerr.New(mysql.ER_PARTITION_FUNCTION_IS_NOT_ALLOWED)
			}
			if name == "unix_timestamp" {
				timestamp = false
				columns++
				return false, nil
			}
		case *sqlparser.Subquery, *sqlparser.CaseExpr, *sqlparser.CastExpr, *sqlparser.ConvertExpr:
			refused = mysqlerr.New(mysql.ER_PARTITION_FUNCTION_IS_NOT_ALLOWED)
		case *sqlparser.CurTimeFuncExpr, *sqlparser.Variable:
			refused = notAllowed
		}
		return refused == nil, nil
	}, e)
	switch {
	case refused != nil:
		return refused
	case columns == 0, timestamp && !columnOnly(e):
		return notAllowed
	}
	if c, ok := e.(*sqlparser.ColName); ok {
		if i := t.ColumnIndex(c.Name.String()); !t.Columns[i].Type.IsInteger() {
			return mysqlerr.New(errPartitionType, t.Columns[i].Name)
		}
		return nil
	}
	o, err := compileTableExpression(b.c, t, expressionText(e, ""))
	if err != nil {
		return err
	}
	if !o.Type.IsInteger() && o.Type.Kind != schemas.Year && o.Type.Kind != schemas.Decimal {
		return mysqlerr.New(mysql.ER_PARTITION_FUNC_NOT_ALLOWED_ERROR, "PARTITION")
	}
	return nil
}

// partitionFunctionAllowed lists MySQL's functions of partitioning expressions.
func partitionFunctionAllowed(name string) bool {
	switch name {
	case "abs", "ceiling", "ceil", "datediff", "day", "dayofmonth", "dayofweek", "dayofyear", "extract", "floor", "hour", "microsecond", "minute", "mod",
		"month", "quarter", "second", "time_to_sec", "to_days", "to_seconds", "unix_timestamp", "weekday", "year", "yearweek":
		return true
	}
	return false
}

// partitionList checks the partitions, their names, bounds and values, and makes those that are only counted.
func (b *tableBuilder) partitionList(p *schemas.Partitioning) error {
	if len(p.Parts) == 0 {
		p.Count = max(p.Count, 1)
		for i := range min(p.Count, maxPartitions+1) {
			p.Parts = append(p.Parts, schemas.Partition{Name: fmt.Sprintf("p%d", i)})
		}
	}
	p.Count = len(p.Parts)
	if p.Sub != nil {
		if err := subpartitions(p); err != nil {
			return err
		}
	}
	if p.Count*max(p.Subs(), 1) > maxPartitions {
		return mysqlerr.New(mysql.ER_TOO_MANY_PARTITIONS_ERROR)
	}
	names := map[string]bool{}
	for i := range p.Parts {
		list := []string{p.Parts[i].Name}
		for _, s := range p.Parts[i].Subs {
			list = append(list, s.Name)
		}
		for _, name := range list {
			if names[strings.ToLower(name)] {
				return mysqlerr.New(mysql.ER_SAME_NAME_PARTITION, name)
			}
			names[strings.ToLower(name)] = true
		}
	}
	switch p.Method {
	case "RANGE", "RANGE COLUMNS":
		return b.ranges(p)
	case "LIST", "LIST COLUMNS":
		return b.lists(p)
	}
	return nil
}

// subpartitions counts the parts of the partitions.
func subpartitions(p *schemas.Partitioning) error {
	named := len(p.Parts[0].Subs)
	for i := range p.Parts {
		if len(p.Parts[i].Subs) != named {
			return mysqlerr.Newf(mysql.ER_PARSE_ERROR, "Wrong number of subpartitions defined, mismatch with previous setting near '' at line 1")
		}
	}
	if named > 0 {
		p.Sub.Count = named
	}
	p.Sub.Count = max(p.Sub.Count, 1)
	return nil
}

// folded is a constant: a number, a text, or neither for NULL.
type folded struct {
	number *big.Int
	text   *string
}

func (f folded) null() bool { return f.number == nil && f.text == nil }

// value is the constant as Convert takes it.
func (f folded) value() txn.Value {
	switch {
	case f.text != nil:
		return txn.TextString(*f.text)
	case f.number == nil:
		return txn.Null()
	case f.number.IsInt64():
		return txn.Int(f.number.Int64())
	}
	return txn.TextString(f.number.String())
}

// ranges checks that the bounds rise.
func (b *tableBuilder) ranges(p *schemas.Partitioning) error {
	width := max(len(p.Columns), 1)
	var before []string
	for i := range p.Parts {
		x := &p.Parts[i]
		if len(x.LessThan) == 0 {
			return mysqlerr.Newf(mysql.ER_PARTITION_REQUIRES_VALUES_ERROR, "Syntax error: RANGE PARTITIONING requires definition of VALUES LESS THAN for each partition")
		}
		if len(x.LessThan) != width {
			return mysqlerr.New(mysql.ER_PARTITION_COLUMN_LIST_ERROR)
		}
		keys := make([]string, width) // empty: no bound
		for j := range x.LessThan {
			if x.LessThan[j] == schemas.MaxValue {
				if width == 1 && i < len(p.Parts)-1 {
					return mysqlerr.New(errPartitionMaxValue)
				}
				continue
			}
			key, text, err := b.partitionConstant(p, x, j, x.LessThan[j])
			if err != nil {
				return err
			}
			if text == "NULL" {
				return mysqlerr.New(mysql.ER_NULL_IN_VALUES_LESS_THAN)
			}
			keys[j], x.LessThan[j] = key, text
		}
		if i > 0 && !rises(before, keys) {
			return mysqlerr.New(mysql.ER_RANGE_NOT_INCREASING_ERROR)
		}
		before = keys
	}
	return nil
}

// rises reports whether the second bounds are above the first.
func rises(low, high []string) bool {
	for i := range low {
		switch {
		case low[i] == "" && high[i] == "":
			continue
		case low[i] == "":
			return false
		case high[i] == "":
			return true
		case low[i] != high[i]:
			return low[i] < high[i]
		}
	}
	return false
}

// lists checks that no value stands twice.
func (b *tableBuilder) lists(p *schemas.Partitioning) error {
	width := max(len(p.Columns), 1)
	seen := map[string]bool{}
	for i := range p.Parts {
		x := &p.Parts[i]
		if len(x.In) == 0 {
			return mysqlerr.Newf(mysql.ER_PARTITION_REQUIRES_VALUES_ERROR, "Syntax error: LIST PARTITIONING requires definition of VALUES IN for each partition")
		}
		for r, row := range x.In {
			if len(row) != width {
				return mysqlerr.New(mysql.ER_PARTITION_COLUMN_LIST_ERROR)
			}
			all := ""
			for j := range row {
				key, text, err := b.partitionConstant(p, x, j, row[j])
				if err != nil {
					return err
				}
				x.In[r][j] = text
				all += strconv.Itoa(len(key)) + ":" + key
			}
			if seen[all] {
				return mysqlerr.New(mysql.ER_MULTIPLE_DEF_CONST_IN_LIST_PART_ERROR)
			}
			seen[all] = true
		}
		if p.Expression != "" { // NULL stands first
			slices.SortStableFunc(x.In, func(a, c []string) int {
				switch {
				case a[0] == "NULL" && c[0] != "NULL":
					return -1
				case c[0] == "NULL" && a[0] != "NULL":
					return 1
				}
				return 0
			})
		}
	}
	return nil
}

// partitionConstant computes a constant. It returns a key that sorts as the values do, empty for NULL, and the text under which it is kept.
func (b *tableBuilder) partitionConstant(p *schemas.Partitioning, x *schemas.Partition, i int, text string) (key, kept string, err error) {
	e, err := parseExpression(text)
	if err != nil {
		return "", "", err
	}
	v, ok := b.foldConstant(e)
	if !ok {
		return "", "", mysqlerr.New(mysql.ER_WRONG_EXPR_IN_PARTITION_FUNC_ERROR)
	}
	if v.null() {
		return "", "NULL", nil
	}
	if len(p.Columns) == 0 {
		if v.number == nil {
			return "", "", mysqlerr.New(errPartitionConstant, x.Name)
		}
		shifted := new(big.Int).Add(v.number, new(big.Int).Lsh(big.NewInt(1), 70)) // above zero, so that all have one length
		return fmt.Sprintf("%030s", shifted.String()), v.number.String(), nil
	}
	c := &b.table.Columns[b.table.ColumnIndex(p.Columns[i])]
	stored, _, err := schemas.Convert(c.Type, c.Name, v.value(), schemas.Assignment{Strict: true})
	if err != nil || (v.text != nil) == c.Type.IsInteger() {
		return "", "", mysqlerr.New(mysql.ER_WRONG_TYPE_COLUMN_VALUE_ERROR)
	}
	kept = string(schemas.AppendText(nil, c.Type, stored))
	if !c.Type.IsInteger() {
		kept = schemas.QuoteMySQL(kept)
	}
	return "v" + string(schemas.SortKey(nil, c.Type, stored, 0)), kept, nil
}

// foldConstant computes the constants that partitions are bounded with: numbers, strings, dates' functions of them.
func (b *tableBuilder) foldConstant(e sqlparser.Expr) (folded, bool) {
	switch e := e.(type) {
	case *sqlparser.NullVal:
		return folded{}, true
	case *sqlparser.Literal:
		switch e.Type {
		case sqlparser.IntVal:
			n, ok := new(big.Int).SetString(e.Val, 10)
			return folded{number: n}, ok
		case sqlparser.StrVal, sqlparser.DateVal, sqlparser.TimestampVal, sqlparser.TimeVal:
			return folded{text: &e.Val}, true
		}
	case *sqlparser.UnaryExpr:
		if v, ok := b.foldConstant(e.Expr); ok && v.number != nil && e.Operator == sqlparser.UMinusOp {
			return folded{number: new(big.Int).Neg(v.number)}, true
		}
	case *sqlparser.BinaryExpr:
		x, okX := b.foldConstant(e.Left)
		y, okY := b.foldConstant(e.Right)
		if !okX || !okY || x.number == nil || y.number == nil {
			return folded{}, false
		}
		n := new(big.Int)
		switch e.Operator {
		case sqlparser.PlusOp:
			n.Add(x.number, y.number)
		case sqlparser.MinusOp:
			n.Sub(x.number, y.number)
		case sqlparser.MultOp:
			n.Mul(x.number, y.number)
		default:
			return folded{}, false
		}
		return folded{number: n}, true
	case *sqlparser.FuncExpr:
		if len(e.Exprs) == 1 {
			return b.foldFunction(e.Name.Lowered(), e.Exprs[0])
		}
	}
	return folded{}, false
}

// foldFunction computes a function of a date.
func (b *tableBuilder) foldFunction(name string, arg sqlparser.Expr) (folded, bool) {
	v, ok := b.foldConstant(arg)
	if !ok || v.text == nil {
		return folded{}, false
	}
	zone := time.UTC
	if name == "unix_timestamp" {
		zone = b.e.Zone()
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", *v.text, zone)
	if err != nil {
		if at, err = time.ParseInLocation("2006-01-02", *v.text, zone); err != nil {
			return folded{}, false
		}
	}
	const yearZero = 719528 // TO_DAYS of 1970-01-01
	seconds := at.Unix() + yearZero*86400
	n := int64(0)
	switch name {
	case "to_days":
		n = seconds / 86400
	case "to_seconds":
		n = seconds
	case "unix_timestamp":
		n = at.Unix()
	case "year":
		n = int64(at.Year())
	case "month":
		n = int64(at.Month())
	case "day", "dayofmonth":
		n = int64(at.Day())
	default:
		return folded{}, false
	}
	return folded{number: big.NewInt(n)}, true
}

// partitionColumns lists the columns that decide on a row's partition.
func partitionColumns(t *schemas.Table) []string {
	var list []string
	for _, p := range []*schemas.Partitioning{t.Partitioning, t.Partitioning.Sub} {
		if p == nil {
			continue
		}
		list = append(list, p.Columns...)
		if p.Expression == "" {
			continue
		}
		if e, err := parseExpression(p.Expression); err == nil {
			list = append(list, referencesOf(e).columns...)
		}
	}
	return list
}

// partitionKeys checks that every unique key has all the columns that decide on a row's partition.
func (b *tableBuilder) partitionKeys(p *schemas.Partitioning) error {
	t := b.table
	t.Partitioning = p
	columns := partitionColumns(t)
	for _, ix := range t.UniqueIndexes() {
		for _, name := range columns {
			at := t.ColumnIndex(name)
			if slices.ContainsFunc(ix.Parts, func(part schemas.IndexPart) bool { return part.Column == at && part.Prefix == 0 }) {
				continue
			}
			kind := "UNIQUE INDEX"
			if ix == t.Primary {
				kind = "PRIMARY KEY"
			}
			return mysqlerr.Newf(mysql.ER_UNIQUE_KEY_NEED_ALL_FIELDS_IN_PF, "A %s must include all columns in the table's partitioning function (prefixed columns are not considered).", kind)
		}
	}
	return nil
}
