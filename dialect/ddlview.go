package dialect

import (
	"marmot/schemas"
	"marmot/txn"
)

// changeView adds a view's new version.
func (d *definition) changeView(v *schemas.View, op txn.Op) error {
	stored := *v
	stored.Version = 0
	body, err := schemas.EncodeView(&stored)
	if err != nil {
		return err
	}
	d.names(ObjectName{v.Database, v.Name})
	d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectView, Op: op, ID: uint64(v.ID), DBID: v.DBID,
		Database: v.Database, Name: v.Name, Definition: body})
	return nil
}

// renameView gives a view another name.
func (d *definition) renameView(v *schemas.View, to ObjectName) error {
	d.names(ObjectName{v.Database, v.Name})
	changed := *v
	changed.Name = to.Name
	return d.changeView(&changed, txn.Update)
}
