package binlog

import (
	"encoding/binary"

	"marmot/txn"
)

// Status variables of a query event.
const (
	statusFlags2            = 0
	statusSQLMode           = 1
	statusCharset           = 4
	statusTimeZone          = 5
	statusCatalog           = 6
	statusInvoker           = 11
	statusUpdatedDatabases  = 12
	statusDefaultTimestamps = 16
	statusXID               = 17
	statusDefaultCollation  = 18
	statusPrimaryKey        = 19
	statusEncryption        = 20
)

const (
	// defaultSQLMode is MySQL's default sql_mode.
	defaultSQLMode = 1168113696
	// defaultCollation is utf8mb4_0900_ai_ci, in which texts of statements are.
	defaultCollation = 255
	// MariaDB has other collations of utf8mb4. Texts are in utf8mb4_general_ci; databases begin with utf8mb4_uca1400_nopad_ai_ci, by which strings
	// compare as by MySQL's default.
	mariaCollation       = 45
	mariaServerCollation = 2308
)

// Options of a session.
const (
	optionNoForeignKeys  = 1 << 26
	optionNoUniqueChecks = 1 << 27
)

// utc is a time zone that every server knows.
const utc = "+00:00"

// query is a statement that a replica executes.
type query struct {
	thread    uint32
	database  string // the default one
	text      string
	flags     uint16
	mode      uint64
	collation uint16 // of the client, the connection and the server
	server    uint16 // collation_server, if it is another one
	// definition: the statement is a DDL, which xid stands for.
	definition bool
	xid        uint64
	databases  []string // that it changes
	zone       string   // of the session; empty: the text does not depend on it
	// options are the session's that stand for foreign_key_checks and unique_checks.
	options uint32
	// user and host are who is taken for the definer, and is CURRENT_USER.
	user, host string
}

// event writes a query event.
func (q *query) event(w *Writer, seconds uint32) []byte {
	status := q.status(w.MariaDB)
	b := w.event(typeQuery, q.flags, seconds)
	b = binary.LittleEndian.AppendUint32(b, q.thread)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = append(b, byte(len(q.database)))
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(status)))
	b = append(b, status...)
	b = append(b, q.database...)
	b = append(b, 0)
	return append(b, q.text...)
}

// mostDatabases is how many databases are named; more are not.
const mostDatabases = 16

// status are the status variables. MariaDB passes over those from the first on that it does not know.
func (q *query) status(maria bool) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{statusFlags2}, q.options)
	b = binary.LittleEndian.AppendUint64(append(b, statusSQLMode), q.mode)
	b = append(b, statusCatalog, 3, 's', 't', 'd')
	b = append(b, statusCharset)
	collations := [3]uint16{q.collation, q.collation, q.collation}
	if q.server != 0 {
		collations[2] = q.server
	}
	if maria {
		collations = [3]uint16{mariaCollation, mariaCollation, mariaServerCollation}
	}
	for _, id := range collations {
		b = binary.LittleEndian.AppendUint16(b, id)
	}
	if q.zone != "" {
		b = append(append(b, statusTimeZone, byte(len(q.zone))), q.zone...)
	}
	if q.user != "" {
		b = append(b, statusInvoker, byte(len(q.user)))
		b = append(b, q.user...)
		b = append(b, byte(len(q.host)))
		b = append(b, q.host...)
	}
	if q.definition {
		b = append(b, statusUpdatedDatabases)
		if len(q.databases) > mostDatabases {
			b = append(b, 254)
		} else {
			b = append(b, byte(len(q.databases)))
			for _, name := range q.databases {
				b = append(append(b, name...), 0)
			}
		}
		b = append(b, statusDefaultTimestamps, 1)
		b = binary.LittleEndian.AppendUint64(append(b, statusXID), q.xid)
	}
	b = binary.LittleEndian.AppendUint16(append(b, statusDefaultCollation), defaultCollation)
	if q.definition {
		b = append(b, statusPrimaryKey, 0, statusEncryption, 0)
	}
	return b
}

// within takes over what the session said of the statement, but its time zone.
func (q *query) within(c *txn.StatementContext) {
	q.mode = c.SQLMode
	if c.NoForeignKeyChecks {
		q.options |= optionNoForeignKeys
	}
	if c.NoUniqueChecks {
		q.options |= optionNoUniqueChecks
	}
}

// accountQuery is a statement on accounts. It changes the database of the server's own tables.
func accountQuery(a *txn.AccountStatement, p txn.Position) *query {
	q := &query{
		thread: uint32(a.ConnectionID), database: a.Database, text: a.Text, collation: defaultCollation, definition: true, xid: uint64(p),
		databases: []string{"mysql"}, user: a.User, host: a.Host,
	}
	q.within(&a.Context)
	return q
}
