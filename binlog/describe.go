package binlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Description is an event as SHOW BINLOG EVENTS tells of it.
type Description struct {
	Type     string
	ServerID uint32
	End      uint64 // where the event ends
	// Begins is where the first event of a transaction begins; there may be a gap before it. It is 0 for other events, each of which begins where the
	// one before ends.
	Begins uint64
	Info   string
	// Leads: the event is in no file; it says that the next one lies at File and Offset.
	Leads  bool
	File   string
	Offset uint64
}

// typeNames are MySQL's names of the types of events.
var typeNames = map[byte]string{
	typeQuery: "Query", typeRotate: "Rotate", typeFormatDescription: "Format_desc", typeXID: "Xid", typeTableMap: "Table_map",
	typeHeartbeat: "Heartbeat", typeRowsQuery: "Rows_query", typeWriteRows: "Write_rows", typeUpdateRows: "Update_rows", typeDeleteRows: "Delete_rows",
	typeGTID: "Gtid", typeAnonymousGTID: "Anonymous_Gtid", typePreviousGTIDs: "Previous_gtids", typeXAPrepare: "XA_prepare", typeHeartbeatV2: "Heartbeat",
}

// errShort is of an event that ends too early.
var errShort = errors.New("the event is too short")

// Describe reads an event that a Writer or an Encoder has written.
func (w *Writer) Describe(event []byte) (d Description, err error) {
	if len(event) < headerBytes+checksumBytes {
		return d, errShort
	}
	kind, flags := event[4], binary.LittleEndian.Uint16(event[17:])
	d.Type, d.ServerID, d.End = typeNames[kind], binary.LittleEndian.Uint32(event[5:]), uint64(binary.LittleEndian.Uint32(event[13:]))
	b := event[headerBytes:]
	if w.Checksum || kind == typeFormatDescription {
		b = b[:len(b)-checksumBytes]
	}
	if kind == typeGTID || kind == typeAnonymousGTID {
		d.Begins = d.End - uint64(len(event))
	}
	r := &reader{b: b}
	switch kind {
	case typeRotate:
		d.Offset = r.uint(8)
		d.File = string(r.rest())
		d.Leads = flags&flagArtificial != 0
		d.Info = fmt.Sprintf("%s;pos=%d", d.File, d.Offset)
	case typeFormatDescription:
		version := r.uint(2)
		d.Info = fmt.Sprintf("Server ver: %s, Binlog ver: %d", strings.TrimRight(string(r.bytes(versionBytes)), "\x00"), version)
	case typeQuery:
		d.Info = r.query(flags)
	case typeXID:
		d.Info = fmt.Sprintf("COMMIT /* xid=%d */", r.uint(8))
	case typeTableMap:
		id := r.uint(6)
		r.uint(2)
		database := string(r.bytes(int(r.uint(1))))
		r.uint(1)
		d.Info = fmt.Sprintf("table_id: %d (%s.%s)", id, database, r.bytes(int(r.uint(1))))
	case typeWriteRows, typeUpdateRows, typeDeleteRows:
		id := r.uint(6)
		d.Info = fmt.Sprintf("table_id: %d%s", id, flagNames(uint16(r.uint(2))))
	case typeRowsQuery:
		r.uint(1)
		d.Info = "# " + string(r.rest())
	case typeGTID:
		r.uint(1)
		id := r.bytes(16)
		d.Info = fmt.Sprintf("SET @@SESSION.GTID_NEXT= '%s:%d'", uuidText(id), r.uint(8))
	case typeAnonymousGTID:
		d.Info = "SET @@SESSION.GTID_NEXT= 'ANONYMOUS'"
	case typePreviousGTIDs:
		d.Info = r.set()
	case typeXAPrepare:
		d.Info = r.xa()
	}
	return d, r.err
}

// reader takes an event apart.
type reader struct {
	b   []byte
	err error
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.err, n = errShort, len(r.b)
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) rest() []byte { return r.bytes(len(r.b)) }

func (r *reader) uint(n int) (v uint64) {
	for i, b := range r.bytes(n) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

// query reads a statement, with the database that it is executed in and the number of its definition's transaction.
func (r *reader) query(flags uint16) string {
	r.uint(8)
	name := int(r.uint(1))
	r.uint(2)
	status := r.bytes(int(r.uint(2)))
	database := string(r.bytes(name))
	r.uint(1)
	text := string(r.rest())
	if database != "" && flags&flagSuppressUse == 0 {
		text = "use `" + strings.ReplaceAll(database, "`", "``") + "`; " + text
	}
	if xid, ok := statusNumber(status, statusXID); ok {
		text += fmt.Sprintf(" /* xid=%d */", xid)
	}
	return text
}

// statusNumber finds a status variable of eight bytes.
func statusNumber(status []byte, wanted byte) (uint64, bool) {
	sizes := map[byte]int{statusFlags2: 4, statusSQLMode: 8, statusCharset: 6, statusDefaultTimestamps: 1, statusXID: 8, statusDefaultCollation: 2, statusPrimaryKey: 1, statusEncryption: 1}
	r := &reader{b: status}
	for len(r.b) > 0 && r.err == nil {
		kind := byte(r.uint(1))
		switch kind {
		case wanted:
			return r.uint(8), r.err == nil
		case statusTimeZone, statusCatalog:
			r.bytes(int(r.uint(1)))
		case statusInvoker:
			r.bytes(int(r.uint(1)))
			r.bytes(int(r.uint(1)))
		case statusUpdatedDatabases:
			r.names()
		default:
			size, ok := sizes[kind]
			if !ok {
				return 0, false
			}
			r.bytes(size)
		}
	}
	return 0, false
}

// names passes over the names of databases.
func (r *reader) names() {
	n := int(r.uint(1))
	if n > mostDatabases {
		return // more than are named
	}
	for range n {
		for len(r.b) > 0 && r.uint(1) != 0 {
		}
	}
}

// flagNames names the flags of a rows event.
func flagNames(flags uint16) string {
	text := ""
	for _, f := range []struct {
		flag uint16
		name string
	}{{rowsEndOfStatement, "STMT_END_F"}, {rowsNoForeignKeys, "NO_FOREIGN_KEY_CHECKS_F"}, {rowsCascaded, "USE_SQL_FOREIGN_KEY_F"}} {
		if flags&f.flag != 0 {
			text += " " + f.name
		}
	}
	if text != "" {
		text = " flags:" + text
	}
	return text
}

func uuidText(b []byte) string {
	if len(b) < 16 {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// set reads the GTID set of earlier files.
func (r *reader) set() string {
	var list []string
	for range r.uint(8) {
		if r.err != nil {
			break
		}
		text := uuidText(r.bytes(16))
		for range r.uint(8) {
			if r.err != nil {
				break
			}
			first, end := r.uint(8), r.uint(8)
			text += fmt.Sprintf(":%d", first)
			if end > first+1 {
				text += fmt.Sprintf("-%d", end-1)
			}
		}
		list = append(list, text)
	}
	return strings.Join(list, ",\n")
}

func (r *reader) xa() string {
	onePhase, format := r.uint(1), r.uint(4)
	branch, qualifier := int(r.uint(4)), int(r.uint(4))
	name := fmt.Sprintf("X'%x',X'%x',%d", r.bytes(branch), r.bytes(qualifier), format)
	if onePhase != 0 {
		return "XA COMMIT " + name + " ONE PHASE"
	}
	return "XA PREPARE " + name
}
