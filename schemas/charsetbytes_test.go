package schemas

import (
	"testing"

	"marmot/txn"
)

// Binary data goes into a text column as it is, in the bytes of the column's character set, and comes out so where nothing converts it.
func TestBytesOfACharacterSet(t *testing.T) {
	column := Type{Kind: VarChar, Length: 10, Charset: "latin1", Collation: "latin1_swedish_ci"}
	for _, v := range []txn.Value{txn.Blob([]byte("na\xefve")), txn.Text([]byte("na\xefve")), txn.Text([]byte("naïve"))} {
		got, _, err := Convert(column, "c", v, Assignment{Strict: true})
		if err != nil || string(got.Bytes()) != "naïve" {
			t.Errorf("Convert(%q) = %q, %v", v.Bytes(), got.Bytes(), err)
		}
	}
	if got := FromUTF8("latin1")(nil, []byte("naïve")); string(got) != "na\xefve" {
		t.Errorf("FromUTF8(latin1) = %q", got)
	}
	if FromUTF8("utf8mb4") != nil || FromUTF8("binary") != nil {
		t.Error("UTF-8 and binary need no conversion")
	}
}
