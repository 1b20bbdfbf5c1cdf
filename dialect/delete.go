package dialect

import (
	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// deletePlan is a compiled DELETE.
type deletePlan struct {
	// whole is the statement of a DELETE that SQLite can run as it is.
	whole    *statement
	find     queryRun
	targets  []*updateTarget
	ignore   bool
	triggers []TempTrigger
}

// planDelete plans DELETE.
func (k *compiler) planDelete(t *sqlparser.Delete) (*Plan, error) {
	if t.Limit != nil && t.Limit.Offset != nil {
		return nil, errOffset
	}
	if table, ok := t.TableExprs[0].(*sqlparser.AliasedTableExpr); ok && len(t.Partitions) > 0 {
		table.Partitions = t.Partitions
	}
	c := selecting{scope: &scope{k: k, clause: "field list", opens: true}, t: &sqlparser.Select{With: t.With, From: t.TableExprs, Where: t.Where, OrderBy: t.OrderBy, Limit: t.Limit}}
	k.changes, k.several = accounts.Delete, !oneTable(t.TableExprs)
	if err := c.head(); err != nil {
		return nil, err
	}
	p := &deletePlan{ignore: bool(t.Ignore)}
	if err := c.deleteTargets(p, t); err != nil {
		return nil, err
	}
	for _, target := range p.targets {
		k.targets = append(k.targets, targetTable{table: target.t, name: target.source.name})
		target.offset = len(c.items)
		for _, sql := range target.rowColumns(target.source.alias) {
			c.items = append(c.items, outColumn{operand: expression.Operand{SQL: sql, Nullable: true}})
			target.width++
		}
	}
	for _, step := range []func() error{c.where, c.order, c.limit} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	w := &Write{Lenient: p.ignore || len(c.sources) > 1, Unkeyed: c.unkeyed(), run: p.run}
	for _, target := range p.targets {
		w.Targets = append(w.Targets, target.t)
		k.scans[target.source.scan].Target = true
		reached, triggers, err := k.reachable(target.t, eventDelete)
		if err != nil {
			return nil, err
		}
		w.Reachable = append(w.Reachable, reached...)
		p.triggers = append(p.triggers, triggers...)
	}
	if len(c.sources) == 1 && t.Limit == nil && t.OrderBy == nil && !p.ignore && c.withSQL == "" && !p.targets[0].referenced && len(k.scans) == 1 &&
		!p.targets[0].fired.has("DELETE") && !k.writes && len(k.virtuals)+len(k.matches) == 0 {
		src := p.targets[0].source
		sql := "DELETE FROM " + tableSQL(src.table) + " AS " + src.alias
		if c.whereSQL != "" {
			sql += " WHERE " + c.whereSQL
		}
		whole := newStatement(sql)
		p.whole = &whole
	}
	p.find = queryRun{main: newStatement(c.query(false).sql), virtuals: k.virtuals, matches: k.matches, catalog: k.c.Catalog}
	w.Scans = k.scans
	return k.finish(&Plan{Write: w}), nil
}

// deleteTargets finds the tables to delete from.
func (c *selecting) deleteTargets(p *deletePlan, t *sqlparser.Delete) error {
	names := t.Targets
	if len(names) == 0 {
		return c.deleteTarget(p, c.sources[0])
	}
	for _, n := range names {
		var found *source
		for _, src := range c.sources {
			if src.is(n) || n.Qualifier.IsEmpty() && src.table != nil && src.table.Name == n.Name.String() && src.name == n.Name.String() {
				found = src
			}
		}
		if found == nil {
			return mysqlerr.New(mysql.ER_UNKNOWN_TABLE, n.Name.String(), "MULTI DELETE")
		}
		if err := c.deleteTarget(p, found); err != nil {
			return err
		}
	}
	return nil
}

func (c *selecting) deleteTarget(p *deletePlan, src *source) error {
	if src.opened != nil {
		if v := src.opened.view; len(src.opened.bases) > 1 {
			return mysqlerr.New(mysql.ER_VIEW_DELETE_MERGE_VIEW, v.Database, v.Name)
		}
		c.k.changesTable(src, accounts.Delete, false)
		src = src.opened.bases[0]
	}
	if src.table == nil {
		return mysqlerr.New(mysql.ER_NON_UPDATABLE_TABLE, src.name, "DELETE")
	}
	c.k.changesTable(src, accounts.Delete, false)
	rows, err := c.k.newRowPlan(src.table)
	if err != nil {
		return err
	}
	p.targets = append(p.targets, &updateTarget{rowPlan: rows, source: src})
	return nil
}

func (p *deletePlan) run(x Executor, e Environment, b Binding) (WriteResult, error) {
	result := WriteResult{}
	for _, t := range p.triggers {
		if err := x.Trigger(t); err != nil {
			return result, err
		}
	}
	if p.whole != nil {
		n, err := p.whole.exec(x, b, nil)
		result.Affected = uint64(max(n, 0))
		return result, sqlError(err)
	}
	found := make([][]storedRow, len(p.targets))
	seen := make([]map[string]bool, len(p.targets))
	for i := range seen {
		seen[i] = map[string]bool{}
	}
	err := p.find.run(x, e, b, func(values []txn.Value) error {
		for i, target := range p.targets {
			if row, ok := target.found(values, seen[i]); ok {
				found[i] = append(found[i], row.storedRow)
			}
		}
		return nil
	})
	if err != nil {
		return result, err
	}
	for i, target := range p.targets {
		w := target.writer(x, e, b, p.ignore)
		for j := range found[i] {
			err := w.guarded(func() error {
				if err := w.beforeRow("DELETE", found[i][j].values, nil); err != nil {
					return err
				}
				gone, err := w.remove(found[i][j].identity)
				if gone {
					result.Affected++
				}
				if err == nil && gone {
					err = w.afterRow("DELETE", found[i][j].values, nil)
				}
				return err
			})
			if err != nil {
				return result, err
			}
		}
	}
	return result, nil
}
