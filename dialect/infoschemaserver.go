package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

func charsetRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, cs := range schemas.AllCharsets() {
		if err := row([]txn.Value{text(cs.Name), text(cs.DefaultCollation), text(cs.Description), count(cs.MaxLen)}); err != nil {
			return err
		}
	}
	return nil
}

// collationsByName lists MySQL's collations by name.
func collationsByName() []*schemas.Collation {
	list := slices.Clone(schemas.AllCollations())
	slices.SortFunc(list, func(a, b *schemas.Collation) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func collationRow(co *schemas.Collation) []txn.Value {
	isDefault, pad := "", "NO PAD"
	if co.Default {
		isDefault = "Yes"
	}
	if co.PadSpace {
		pad = "PAD SPACE"
	}
	return []txn.Value{text(co.Name), text(co.Charset), count(int(co.ID)), text(isDefault), text("Yes"), count(co.SortLen), text(pad)}
}

func collationRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, co := range collationsByName() {
		if err := row(collationRow(co)); err != nil {
			return err
		}
	}
	return nil
}

func applicabilityRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, co := range collationsByName() {
		if err := row([]txn.Value{text(co.Name), text(co.Charset)}); err != nil {
			return err
		}
	}
	return nil
}

// engineRows names the one engine there is. Tables of others are made in it.
func engineRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return row([]txn.Value{text("InnoDB"), text("DEFAULT"), text("Supports transactions, row-level locking, and foreign keys"), text("YES"),
		text("NO"), text("YES")})
}

func processRow(p *Process, full bool) []txn.Value {
	info := p.Info
	if runes := []rune(info); !full && len(runes) > 100 {
		info = string(runes[:100])
	}
	return []txn.Value{unsigned(p.ID), text(p.User), text(p.Host), optional(p.Database), text(p.Command), txn.Int(p.Seconds), text(p.State),
		optional(info)}
}

func processRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, p := range server(e).Processes() {
		if err := row(processRow(&p, true)); err != nil {
			return err
		}
	}
	return nil
}

func performanceProcessRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, p := range server(e).Processes() {
		if err := row(append(processRow(&p, true), text("PRIMARY"))); err != nil {
			return err
		}
	}
	return nil
}

func pluginRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, p := range [...][2]string{{"binlog", "STORAGE ENGINE"}, {"caching_sha2_password", "AUTHENTICATION"}, {"InnoDB", "STORAGE ENGINE"}} {
		if err := row([]txn.Value{text(p[0]), text("1.0"), text("ACTIVE"), text(p[1]), text("80400.0"), txn.Null(), txn.Null(),
			text("Marmot"), text(p[0]), text("Apache-2.0"), text("FORCE")}); err != nil {
			return err
		}
	}
	return nil
}

func keywordRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for line := range strings.Lines(keywordTable) {
		word, isReserved, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if err := row([]txn.Value{text(word), count(int(isReserved[0] - '0'))}); err != nil {
			return err
		}
	}
	return nil
}

func variableRows(scope string) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		return nameValueRows(server(e).Variables(scope), row)
	}
}

func statusRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return nameValueRows(server(e).StatusValues(), row)
}

func nameValueRows(list []NameValue, row func([]txn.Value) error) error {
	for _, v := range list {
		if err := row([]txn.Value{text(v.Name), text(v.Value)}); err != nil {
			return err
		}
	}
	return nil
}

// server is what the session's node knows; nothing on connections without a node.
func server(e Environment) ServerInfo {
	if s := e.Server(); s != nil {
		return s
	}
	return noServer{}
}

// noServer knows nothing.
type noServer struct{}

func (noServer) Version() string                       { return "" }
func (noServer) Variables(string) []NameValue          { return nil }
func (noServer) StatusValues() []NameValue             { return nil }
func (noServer) Processes() []Process                  { return nil }
func (noServer) Warnings() []*mysqlerr.Error           { return nil }
func (noServer) TableRows(*schemas.Table) int64        { return 0 }
func (noServer) AutoIncrement(t *schemas.Table) uint64 { return t.AutoIncrementStart }
func (noServer) BinaryLog() txn.Position               { return 0 }
func (noServer) ClusterUUID() txn.UUID                 { return txn.UUID{} }
