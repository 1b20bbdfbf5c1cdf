package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// compiler turns one parsed statement into a plan. The SQL it writes names values as ?n, where n
// below literalBase is a parameter of the client, below localBase a literal that the fingerprint
// left out, and from localBase on a value that the plan itself brings; statement numbers them anew.
type compiler struct {
	c *Context
	p *parsed

	stored       bool // an expression of a definition is compiled
	names        int  // of SQL aliases given so far
	randoms      int  // calls of RAND(n) with a constant so far
	literalBytes int  // of the text of all literals so far
	params       int
	given        []*expression.Parameter
	wanted       map[int]schemas.Type // what parameters are given to, by reference
	// assigned are the parameters that are a column's value as they are.
	assigned []assignedParameter
	limits   []int // parameters in LIMIT
	// variables are the user variables whose types were asked for.
	variables []typedVariable
	tables    []*schemas.Table
	scans     []Scan
	locks     []lockedSelect
	virtuals  []*virtualUse
	matches   []*matchSearch
	volatile  bool // sets user variables, takes locks, …
	warnings  []*mysqlerr.Error
	// before: see queryRun.
	before []statement
	// targets are the tables that the statement changes, once they are known: subqueries may not
	// read them.
	targets []targetTable
	// readsTarget: a subquery reads one of them all the same.
	readsTarget bool
	views       int  // nesting of views
	setsID      bool // LAST_INSERT_ID(expr) is called
	// needs are the privileges that the statement needs, authority on whose account, changes what it does with its first table.
	needs     []accounts.Need
	authority authority
	changes   accounts.Privilege
	several   bool // it changes some of several tables
	// temporary tables that the statement has named so far, and the names that it gives them.
	temporary map[*schemas.Table]string
	// literals is how many literals the fingerprint left out, rows of VALUES not counted.
	literals int
	// indirect are tables that only programs use which the statement calls or activates; writes: they may write rows.
	indirect []*schemas.Table
	writes   bool
	programs programUse
}

// targetTable is a table that a statement changes, and its name in the statement.
type targetTable struct {
	table *schemas.Table
	name  string
	// byName: subqueries may read the table under another name, as those of INSERT may.
	byName bool
}

// strict reports whether a statement's bad values are errors.
func (k *compiler) strict(ignore bool) bool {
	return k.c.Mode&(StrictTransTables|StrictAllTables) != 0 && !ignore
}

// From rawBase on are the parameters of the client in its own character set.
const (
	rawBase     = 1 << 19
	literalBase = 1 << 20
	localBase   = 1 << 21
)

// maxViewDepth bounds views that name views.
const maxViewDepth = 32

func newCompiler(c *Context, p *parsed) *compiler {
	k := &compiler{c: c, p: p}
	if p != nil {
		k.warnings = p.warnings[:len(p.warnings):len(p.warnings)]
	}
	return k
}

// alias gives a new SQL alias.
func (k *compiler) alias() string {
	k.names++
	return "t" + strconv.Itoa(k.names)
}

// use notes a table that the statement reads or writes.
func (k *compiler) use(t *schemas.Table) {
	for _, have := range k.tables {
		if have == t {
			return
		}
	}
	k.tables = append(k.tables, t)
}

// finish completes a plan by what was found on the way.
func (k *compiler) finish(p *Plan) *Plan {
	p.Params = k.params
	p.Parameters, p.limits, p.assigned = k.parameters(k.params), k.limits, k.assigned
	p.Tables = k.tables
	p.HasSideEffects = k.volatile
	p.ReadsCatalog = p.ReadsCatalog || len(k.virtuals) > 0
	p.Warnings = k.warnings
	p.need(k.needs)
	for _, g := range k.given {
		p.typed = p.typed || g.Asked
		if g.Textual {
			p.textual = append(p.textual, g.Ref)
		}
	}
	p.variables = k.variables
	seen := map[txn.DatabaseID]bool{}
	p.Writes = k.writes
	for _, t := range k.indirect {
		if !slices.Contains(k.tables, t) {
			p.indirect = append(p.indirect, t)
		}
	}
	if len(p.indirect) > 0 {
		p.Tables = slices.Concat(k.tables, p.indirect)
		if p.Query != nil {
			p.Query.NeedsTransactionView = true
		}
	}
	for _, t := range p.Tables {
		if !seen[t.DBID] {
			seen[t.DBID] = true
			p.Databases = append(p.Databases, t.DBID)
		}
	}
	return p
}

// tableName is the name of a table in SQL.
func tableSQL(t *schemas.Table) string {
	return `"d` + strconv.FormatUint(uint64(t.DBID), 10) + `".` + schemas.QuoteSQLite(t.SQLiteName)
}

// databaseOf is the database that a name stands in.
func (k *compiler) databaseOf(n sqlparser.TableName) (string, error) {
	if q := n.Qualifier.String(); q != "" {
		return q, nil
	}
	if k.c.Database == "" {
		return "", mysqlerr.New(mysql.ER_NO_DB_ERROR)
	}
	return k.c.Database, nil
}

// table finds a base table by name.
func (k *compiler) table(n sqlparser.TableName) (*schemas.Table, error) {
	database, err := k.databaseOf(n)
	if err != nil {
		return nil, err
	}
	t := k.c.Catalog.Table(database, n.Name.String())
	if t == nil {
		return nil, k.noTable(database, n.Name.String())
	}
	k.use(t)
	return t, nil
}

// noTable is 1049 for an unknown database, else 1146.
func (k *compiler) noTable(database, name string) error {
	if k.c.Catalog.Database(database) == nil && !isVirtualDatabase(database) {
		return mysqlerr.New(mysql.ER_BAD_DB_ERROR, database)
	}
	return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, database, name)
}

func isVirtualDatabase(name string) bool {
	switch strings.ToLower(name) {
	case "information_schema", "performance_schema", "mysql", "sys":
		return true
	}
	return false
}

// statement is a SQLite statement and the values that its parameters take, by the compiler's numbers.
type statement struct {
	sql  string
	refs []int
}

// newStatement numbers the parameters of a text anew, from ?1 on without gaps.
func newStatement(sql string) statement {
	var b strings.Builder
	s := statement{}
	at := map[int]int{}
	last := 0
	for i := 0; i < len(sql); i++ {
		switch sql[i] {
		case '\'', '"':
			quote := sql[i]
			for i++; i < len(sql) && sql[i] != quote; i++ {
			}
		case '?':
			end := i + 1
			for end < len(sql) && isDigitByte(sql[end]) {
				end++
			}
			ref, err := strconv.Atoi(sql[i+1 : end])
			if err != nil {
				continue
			}
			n, ok := at[ref]
			if !ok {
				s.refs = append(s.refs, ref)
				n = len(s.refs)
				at[ref] = n
			}
			b.WriteString(sql[last : i+1])
			b.WriteString(strconv.Itoa(n))
			last = end
			i = end - 1
		}
	}
	b.WriteString(sql[last:])
	s.sql = b.String()
	return s
}

// args gathers the values of the statement's parameters; locals are the plan's own.
func (s *statement) args(b Binding, locals []txn.Value) []txn.Value {
	if len(s.refs) == 0 {
		return nil
	}
	list := make([]txn.Value, len(s.refs))
	for i, ref := range s.refs {
		list[i] = b.value(ref, locals)
	}
	return list
}

// value returns the value of one reference.
func (b Binding) value(ref int, locals []txn.Value) txn.Value {
	switch {
	case ref >= variableBase:
		if ref-variableBase < len(b.Variables) {
			return b.Variables[ref-variableBase]
		}
		return txn.Null()
	case ref >= localBase:
		return locals[ref-localBase]
	case ref >= literalBase:
		return b.Literals[ref-literalBase]
	case ref >= rawBase && ref-rawBase < len(b.Raw):
		return b.Raw[ref-rawBase]
	case ref >= rawBase:
		return b.value(ref-rawBase, locals)
	case ref < len(b.Args):
		return b.Args[ref]
	}
	return txn.Null()
}

func (s *statement) query(x Executor, b Binding, locals []txn.Value, row func([]txn.Value) error) error {
	return x.Query(s.sql, s.args(b, locals), row)
}

func (s *statement) exec(x Executor, b Binding, locals []txn.Value) (int64, error) {
	return x.Exec(s.sql, s.args(b, locals))
}

// local is the SQL of the plan's own value number i.
func local(i int) string { return "?" + strconv.Itoa(localBase+i) }

// argument compiles a parameter of the client or a literal that the fingerprint left out.
func (k *compiler) argument(name string) (expression.Operand, error) {
	ref, class, err := k.reference(name)
	if err != nil {
		return expression.Operand{}, err
	}
	o := expression.Operand{SQL: "?" + strconv.Itoa(ref), Coercibility: expression.Numeric}
	switch class[0] {
	case 'v':
		o.Param, o.Nullable = true, true
		o.Coercibility = expression.Coercible
		o.Type.Collation = k.textType(0).Collation
		o.Given = k.parameter(ref)
		if t := o.Given.Type; o.Given.Known && !t.IsText() {
			o.Param, o.Type, o.Coercibility = false, t, expression.Numeric
			o.Given.Asked = true
		}
	case 'i':
		o.Type = schemas.Type{Kind: schemas.BigInt, Length: 21}
	case 'f':
		o.Type = schemas.Type{Kind: schemas.Double, Decimals: -1}
	case 'd':
		if _, err := fmt.Sscanf(class, "d%d_%d_", &o.Type.Length, &o.Type.Decimals); err != nil {
			return o, err
		}
		o.Type.Kind = schemas.Decimal
	default:
		o.Type = k.textType(255)
		o.Coercibility = expression.Coercible
	}
	return o, nil
}

// parameter describes a parameter of the client.
func (k *compiler) parameter(ref int) *expression.Parameter {
	p := &expression.Parameter{Ref: ref, Bytes: "?" + strconv.Itoa(rawBase+ref)}
	if ref < len(k.c.Arguments) {
		p.Type = k.c.Arguments[ref].Type(k.textType(0).Collation)
		p.Known = p.Type.Kind != 0
	}
	k.given = append(k.given, p)
	return p
}

// rawFor is the reference of a value for a column of type t: a binary string takes the client's own bytes.
func rawFor(t schemas.Type, ref int) int {
	if t.IsBlob() && ref < rawBase {
		return rawBase + ref
	}
	return ref
}

// reference reads an argument's name: v1 is the first parameter, li0 a literal.
func (k *compiler) reference(name string) (ref int, class string, err error) {
	digits := len(name)
	for digits > 0 && isDigitByte(name[digits-1]) {
		digits--
	}
	n, err := strconv.Atoi(name[digits:])
	if err != nil || digits == 0 {
		return 0, "", mysqlerr.New(mysql.ER_UNKNOWN_ERROR)
	}
	if name[0] == 'v' {
		k.params = max(k.params, n)
		return n - 1, "v", nil
	}
	return literalBase + n, name[1:digits], nil
}

// textType is the type of a string literal of the connection.
func (k *compiler) textType(length int) schemas.Type {
	t := schemas.Type{Kind: schemas.VarChar, Length: length, Charset: "utf8mb4", Collation: k.c.Collation}
	if t.Collation == "" {
		t.Collation = expression.DefaultCollation
	}
	if c := schemas.LookupCollation(t.Collation); c != nil {
		t.Charset = c.Charset
	}
	return t
}
