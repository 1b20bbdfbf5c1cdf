package schemas

import "marmot/txn"

// PrivateBase is where the ids of private databases and their tables begin: positions, which all other ids are, never
// get there. A private database holds one session's temporary tables; nothing of it is in the log.
const PrivateBase = 1 << 62

// IsPrivate reports whether the id is that of a private database.
func IsPrivate(id txn.DatabaseID) bool { return id >= PrivateBase }

// Temporary reports whether the table is a session's own.
func (t *Table) Temporary() bool { return IsPrivate(t.DBID) }

// PrivateName is the key of a temporary table among its database's: in MySQL it belongs to a database of the client's choice, and
// hides a table of that name there.
func PrivateName(database, name string) string { return database + "\x00" + name }

// WithPrivate returns the catalog as a session sees it that has temporary tables. version must be nobody else's.
func (c *Catalog) WithPrivate(d *Database, version uint64) *Catalog {
	own := *c.Shared()
	own.Private, own.Version, own.shared = d, version, c.Shared()
	return &own
}

// Shared returns the catalog without temporary tables.
func (c *Catalog) Shared() *Catalog {
	if c.shared != nil {
		return c.shared
	}
	return c
}

// temporary returns the temporary table of that name, or nil.
func (c *Catalog) temporary(database, name string) *Table {
	if c.Private == nil {
		return nil
	}
	return c.Private.Tables[PrivateName(database, name)]
}

// BaseTable is Table for a name that never means a temporary table, as in foreign keys and views.
func (c *Catalog) BaseTable(database, name string) *Table {
	if d := c.Databases[database]; d != nil {
		return d.Tables[name]
	}
	return nil
}

// DatabaseByID returns the database of that id, the private one included, or nil.
func (c *Catalog) DatabaseByID(id txn.DatabaseID) *Database {
	if c.Private != nil && c.Private.ID == id {
		return c.Private
	}
	for _, d := range c.Databases {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// ReferencingTable lists the foreign keys that refer to t: none to a temporary table, whatever its name.
func (c *Catalog) ReferencingTable(t *Table) []Reference {
	if t.Temporary() {
		return nil
	}
	return c.Referencing(t.Database, t.Name)
}
