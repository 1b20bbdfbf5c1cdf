package binlog

import (
	"encoding/hex"
	"testing"
)

// TestEventsAreDescribedAsMySQLDescribesThem: bodies of events of MySQL 9.7, and what its SHOW BINLOG EVENTS said of them.
func TestEventsAreDescribedAsMySQLDescribesThem(t *testing.T) {
	w := Writer{ServerID: 7, Checksum: true}
	for _, c := range []struct {
		kind             byte
		flags            uint16
		body, name, info string
	}{
		{typeGTID, 0, "00a5600599e9be11f1b96802fc00000001320700000000000002270700000000000028070000000000003e782278316106fc85015062010049fc040a",
			"Gtid", "SET @@SESSION.GTID_NEXT= 'a5600599-e9be-11f1-b968-02fc00000001:1842'"},
		{typeQuery, flagSuppressUse, "70030000000000000500001d000000000000012000a045000000000603737464042d002d00ff0012ff006b6e665f6100584120535441525420582737383331272c5827272c31ac2828d8",
			"Query", "XA START X'7831',X'',1"},
		{typeQuery, 0, "700300000000000005000044000000000000012000a045000000000603737464042d002d00ff000b04726f6f74096c6f63616c686f73740c026d7973716c006b6e665f610011ce2300000000000012ff006b6e665f61007265766f6b652073656c656374206f6e206b6e665f612e2a2066726f6d206b6e665f7500ad8117",
			"Query", "use `knf_a`; revoke select on knf_a.* from knf_u /* xid=9166 */"},
		{typeTableMap, 0, "7702000000000100056b6e665f6100017400010300000101002ef9f160", "Table_map", "table_id: 631 (knf_a.t)"},
		{typeWriteRows, 0, "7702000000001100020001ff0001000000538bada0", "Write_rows", "table_id: 631 flags: STMT_END_F USE_SQL_FOREIGN_KEY_F"},
		{typeUpdateRows, 0, "78020000000010000700010100010002ffff0001000000d1070000000b000000d10700000002000000e8070000000c000000e8070000637e2589",
			"Update_rows", "table_id: 632 flags: USE_SQL_FOREIGN_KEY_F"},
		{typeDeleteRows, 0, "7802000000001200050001000002ff000d000000c6070000bded94ab", "Delete_rows", "table_id: 632 flags: NO_FOREIGN_KEY_CHECKS_F USE_SQL_FOREIGN_KEY_F"},
		{typeXAPrepare, 0, "01010000000200000000000000783121d9030e", "XA_prepare", "XA COMMIT X'7831',X'',1 ONE PHASE"},
		{typeXAPrepare, 0, "00070000000200000002000000783362728b0d785a", "XA_prepare", "XA PREPARE X'7833',X'6272',7"},
		{typeXID, 0, "c623000000000000ce041db3", "Xid", "COMMIT /* xid=9158 */"},
		{typeFormatDescription, 0, "0400392e372e342d32000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000013000d0008000000000400040000006300041a08000000000000020000000a0a0a2a2a001234000a2800000157840d0c",
			"Format_desc", "Server ver: 9.7.4-2, Binlog ver: 4"},
	} {
		body, err := hex.DecodeString(c.body)
		if err != nil {
			t.Fatal(err)
		}
		d, err := w.Describe(append(w.event(c.kind, c.flags, 0), body...))
		if err != nil || d.Type != c.name || d.Info != c.info || d.ServerID != 7 || d.Leads {
			t.Errorf("%s: %+v, %v\nwant %s", c.name, d, err, c.info)
		}
		for n := range len(body) { // whatever comes, it ends
			_, _ = w.Describe(append(w.event(c.kind, c.flags, 0), body[:n]...))
		}
	}
	if d, err := w.Describe(w.FakeRotate("marmot-bin.000001", 8192)); err != nil || !d.Leads || d.File != "marmot-bin.000001" || d.Offset != 8192 {
		t.Errorf("%+v, %v", d, err)
	}
	b := w.PreviousGTIDs([16]byte{0xa5}, 7, 4)
	if d, err := w.Describe(b); err != nil || d.Info != "a5000000-0000-0000-0000-000000000000:1-6" || d.End != 4+uint64(len(b)) {
		t.Errorf("%+v, %v", d, err)
	}
}
