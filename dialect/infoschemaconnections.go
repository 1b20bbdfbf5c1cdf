package dialect

import (
	"marmot/schemas"
	"marmot/txn"
)

// attributeRows is performance_schema.session_connect_attrs: how clients describe themselves; with own, only those of the
// session's account.
func attributeRows(own bool) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		for _, p := range server(e).Processes() {
			if own && !p.Own {
				continue
			}
			for i, a := range p.Attributes {
				if err := row([]txn.Value{unsigned(p.ID), text(a.Name), text(a.Value), count(i)}); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
