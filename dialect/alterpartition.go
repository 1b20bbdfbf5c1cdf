package dialect

import (
	"fmt"
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// partitionVerb is what ALTER TABLE does with partitions.
type partitionVerb uint8

const (
	partitionBy partitionVerb = iota + 1
	partitionRemove
	partitionAdd
	partitionDrop
	partitionTruncate
	partitionCoalesce
	partitionReorganize
	partitionRebuild
	partitionExchange
)

// partitionChange is ALTER TABLE … PARTITION as written.
type partitionChange struct {
	verb   partitionVerb
	scheme *schemas.Partitioning
	names  []string
	all    bool
	parts  []schemas.Partition
	count  int
	other  ObjectName // of EXCHANGE
}

// alterPartition reads an action on partitions, which the present word begins.
func (s *textReader) alterPartition(a *alterSpec) {
	c := &partitionChange{}
	a.partition = c
	switch {
	case s.accept("PARTITION", "BY"):
		c.verb, c.scheme = partitionBy, s.partitioning()
	case s.accept("REMOVE", "PARTITIONING"):
		c.verb = partitionRemove
	case s.accept("TRUNCATE", "PARTITION"):
		c.verb = partitionTruncate
		c.names, c.all = s.partitionNames()
	case s.accept("COALESCE", "PARTITION"):
		s.noBinlog()
		c.verb, c.count = partitionCoalesce, int(s.number())
	case s.accept("REORGANIZE", "PARTITION"):
		s.noBinlog()
		c.verb = partitionReorganize
		if s.end() {
			return
		}
		c.names, _ = s.partitionNames()
		s.expect("INTO")
		c.parts = s.partitions(nil)
	case s.accept("REBUILD", "PARTITION"):
		s.noBinlog()
		c.verb = partitionRebuild
		c.names, c.all = s.partitionNames()
	case s.accept("EXCHANGE", "PARTITION"):
		s.exchangePartition(c)
	default:
		s.fail(unsupported(strings.ToUpper(s.raw(s.token())) + " " + strings.ToUpper(s.raw(s.ahead(1)))))
	}
}

func (s *textReader) noBinlog() { s.one("LOCAL", "NO_WRITE_TO_BINLOG") }

// addPartition reads ADD PARTITION behind ADD.
func (s *textReader) addPartition(a *alterSpec) {
	s.expect("PARTITION")
	s.noBinlog()
	a.partition = &partitionChange{verb: partitionAdd}
	if s.accept("PARTITIONS") {
		a.partition.count = int(s.number())
		return
	}
	a.partition.parts = s.partitions(nil)
}

// dropPartition reads DROP PARTITION behind DROP.
func (s *textReader) dropPartition(a *alterSpec) {
	s.expect("PARTITION")
	a.partition = &partitionChange{verb: partitionDrop}
	a.partition.names, _ = s.partitionNames()
}

// planPartitionMaintenance plans ALTER TABLE … ANALYZE, CHECK, OPTIMIZE and REPAIR PARTITION, whose answer is a result set. Of these MySQL logs
// CHECK alone never.
func planPartitionMaintenance(c *Context, s *textReader, o ObjectName) (*Plan, error) {
	verb := strings.ToLower(s.raw(s.advance()))
	s.expect("PARTITION")
	logged := s.one("LOCAL", "NO_WRITE_TO_BINLOG") == "" && verb != "check"
	names, _ := s.partitionNames()
	for !s.end() && s.err == nil { // QUICK, EXTENDED, …
		s.anyName()
	}
	if s.err != nil {
		return nil, s.err
	}
	t := c.Catalog.Table(o.Database, o.Name)
	if t == nil {
		return nil, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name)
	}
	if t.Partitioning == nil {
		return nil, mysqlerr.New(mysql.ER_PARTITION_MGMT_ON_NONPARTITIONED)
	}
	row := func(kind, text string) []txn.Value {
		return []txn.Value{txn.TextString(o.Database + "." + o.Name), txn.TextString(verb), txn.TextString(kind), txn.TextString(text)}
	}
	if _, err := partitionPlaces(t, names); err != nil {
		return maintenancePlan(s, [][]txn.Value{row("Error", "Error in list of partitions to "+o.Database+"."+o.Name), row("status", "Operation failed")}, false)
	}
	rows := [][]txn.Value{row("status", "OK")}
	if verb == "optimize" {
		rows = slices.Insert(rows, 0, row("note", "Table does not support optimize on partitions. All partitions will be rebuilt and analyzed."))
	}
	p, err := maintenancePlan(s, rows, false)
	if err != nil || !logged {
		return p, err
	}
	logs := planDefinition(c, s, []ObjectName{o}, func(d *definition) error {
		t := d.table(o)
		if t == nil {
			return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name)
		}
		d.out.Answer = rows
		if d.unlogged = t.Temporary(); d.unlogged {
			return nil
		}
		return d.touch(t)
	})
	logs.Columns = p.Columns
	return logs, nil
}

// partitions works out what the statement does with partitions. It reports true if it changes the definition.
func (a *alteration) partitions() error {
	t, c := a.b.table, a.spec.partition
	if c == nil {
		return a.keepPartitions()
	}
	p := t.Partitioning
	if p == nil && c.verb != partitionBy {
		return mysqlerr.New(mysql.ER_PARTITION_MGMT_ON_NONPARTITIONED)
	}
	switch c.verb {
	case partitionBy:
		t.Partitioning = nil
		return a.b.partitions(c.scheme.Clone())
	case partitionRemove:
		t.Partitioning = nil
	case partitionAdd:
		return a.addPartitions(p, c)
	case partitionDrop:
		return a.dropPartitions(p, c)
	case partitionTruncate:
		if c.all {
			a.cleared = "DELETE FROM " + schemas.QuoteSQLite(a.old.SQLiteName)
			return nil
		}
		places, err := partitionPlaces(a.old, c.names)
		if err != nil {
			return err
		}
		return a.clear(places)
	case partitionCoalesce:
		return coalescePartitions(p, c)
	case partitionReorganize:
		return a.reorganize(p, c)
	case partitionRebuild:
		if _, err := partitionPlaces(a.old, c.names); err != nil {
			return mysqlerr.New(mysql.ER_DROP_PARTITION_NON_EXISTENT, "REBUILD")
		}
	}
	return nil
}

// keepPartitions checks a partitioned table whose columns or keys have changed.
func (a *alteration) keepPartitions() error {
	t := a.b.table
	if t.Partitioning == nil {
		return nil
	}
	for _, name := range partitionColumns(t) {
		if t.ColumnIndex(name) < 0 {
			return mysqlerr.Newf(errPartitionOfColumn, "Column '%s' has a partitioning function dependency and cannot be dropped or renamed.", name)
		}
	}
	p := t.Partitioning
	t.Partitioning = nil
	return a.b.partitions(p)
}

// clear takes the rows of partitions away with the change itself: as in MySQL, no rows are logged.
func (a *alteration) clear(places []schemas.Place) error {
	condition, err := partitionsSQL(a.d.c, a.old, places)
	a.cleared = "DELETE FROM " + schemas.QuoteSQLite(a.old.SQLiteName) + " WHERE " + condition
	return err
}

func (a *alteration) addPartitions(p *schemas.Partitioning, c *partitionChange) error {
	hash := p.Method == "HASH" || p.Method == "KEY"
	if c.count == 0 && len(c.parts) == 0 {
		return mysqlerr.New(mysql.ER_ADD_PARTITION_NO_NEW_PARTITION)
	}
	for i := range c.parts {
		switch x := &c.parts[i]; {
		case len(x.LessThan) > 0 && !strings.HasPrefix(p.Method, "RANGE"):
			return mysqlerr.New(errPartitionWrongWords, "RANGE", "LESS THAN")
		case len(x.In) > 0 && !strings.HasPrefix(p.Method, "LIST"):
			return mysqlerr.New(errPartitionWrongWords, "LIST", "IN")
		}
	}
	parts := slices.Clone(c.parts)
	if c.count > 0 {
		if !hash {
			kind, _, _ := strings.Cut(p.Method, " ")
			return mysqlerr.New(mysql.ER_PARTITIONS_MUST_BE_DEFINED_ERROR, kind)
		}
		for i := range c.count {
			parts = append(parts, schemas.Partition{Name: fmt.Sprintf("p%d", len(p.Parts)+i)})
		}
	}
	if strings.HasPrefix(p.Method, "RANGE") && p.Parts[len(p.Parts)-1].LessThan[0] == schemas.MaxValue {
		return mysqlerr.New(errPartitionMaxValue)
	}
	p.Parts = append(p.Parts, parts...)
	p.Counted = p.Counted || hash
	return a.b.partitionList(p)
}

func (a *alteration) dropPartitions(p *schemas.Partitioning, c *partitionChange) error {
	if p.Method == "HASH" || p.Method == "KEY" {
		return mysqlerr.New(mysql.ER_ONLY_ON_RANGE_LIST_PARTITION, "DROP")
	}
	var gone []schemas.Place
	for _, name := range c.names {
		i := slices.IndexFunc(p.Parts, func(x schemas.Partition) bool { return samePartition(x.Name, name) })
		if i < 0 {
			return mysqlerr.New(mysql.ER_DROP_PARTITION_NON_EXISTENT, "DROP")
		}
		gone = append(gone, schemas.Place{Part: i, Sub: -1})
	}
	if len(gone) >= len(p.Parts) {
		return mysqlerr.New(mysql.ER_DROP_LAST_PARTITION)
	}
	if err := a.clear(gone); err != nil {
		return err
	}
	var kept []schemas.Partition
	for i := range p.Parts {
		if !slices.ContainsFunc(gone, func(at schemas.Place) bool { return at.Part == i }) {
			kept = append(kept, p.Parts[i])
		}
	}
	p.Parts, p.Count = kept, len(kept)
	return nil
}

func coalescePartitions(p *schemas.Partitioning, c *partitionChange) error {
	switch {
	case p.Method != "HASH" && p.Method != "KEY":
		return mysqlerr.New(mysql.ER_COALESCE_ONLY_ON_HASH_PARTITION)
	case c.count == 0:
		return mysqlerr.New(mysql.ER_COALESCE_PARTITION_NO_PARTITION)
	case c.count >= len(p.Parts):
		return mysqlerr.New(mysql.ER_DROP_LAST_PARTITION)
	}
	p.Parts = p.Parts[:len(p.Parts)-c.count]
	p.Count = len(p.Parts)
	return nil
}

// reorganize replaces neighbouring partitions by others that take the same rows.
func (a *alteration) reorganize(p *schemas.Partitioning, c *partitionChange) error {
	if len(c.parts) == 0 {
		return mysqlerr.New(mysql.ER_REORG_NO_PARAM_ERROR)
	}
	if len(c.names) > len(p.Parts) {
		return mysqlerr.New(mysql.ER_REORG_PARTITION_NOT_EXIST)
	}
	var places []int
	for _, name := range c.names {
		i := slices.IndexFunc(p.Parts, func(x schemas.Partition) bool { return samePartition(x.Name, name) })
		if i < 0 {
			return mysqlerr.New(mysql.ER_DROP_PARTITION_NON_EXISTENT, "REORGANIZE")
		}
		places = append(places, i)
	}
	slices.Sort(places)
	first, last := places[0], places[len(places)-1]
	if strings.HasPrefix(p.Method, "RANGE") && last-first != len(places)-1 {
		return mysqlerr.New(mysql.ER_CONSECUTIVE_REORG_PARTITIONS)
	}
	if (p.Method == "HASH" || p.Method == "KEY") && len(places) != len(c.parts) {
		return mysqlerr.New(mysql.ER_REORG_HASH_ONLY_ON_SAME_NO)
	}
	before := p.Parts[last].LessThan
	var parts []schemas.Partition
	for i := range p.Parts {
		if i == first {
			parts = append(parts, c.parts...)
		}
		if !slices.Contains(places, i) {
			parts = append(parts, p.Parts[i])
		}
	}
	p.Parts = parts
	if err := a.b.partitionList(p); err != nil {
		return err
	}
	now := p.Parts[first+len(c.parts)-1].LessThan
	if strings.HasPrefix(p.Method, "RANGE") && last < len(a.old.Partitioning.Parts)-1 && !slices.Equal(before, now) {
		return mysqlerr.Newf(1520, "Reorganize of range partitions cannot change total ranges except for last partition where it can extend the range")
	}
	return nil
}

// partitionChecks adds the checks of rows that a change of partitions needs.
func (a *alteration) partitionChecks(others func(Executor, bool) error) func(Executor, bool) error {
	t := a.b.table
	c := a.spec.partition
	moved := c != nil && (c.verb == partitionBy || c.verb == partitionReorganize) || c == nil && t.Partitioning != nil
	if !moved {
		return others
	}
	return func(x Executor, before bool) error {
		if !before {
			if err := noPartition(a.d.c, t, x); err != nil {
				return err
			}
		}
		if others == nil {
			return nil
		}
		return others(x, before)
	}
}
