package kafka

import (
	"testing"

	"marmot/log"
	"marmot/txn"
)

// goldenWord is a member's word as it lies in topics.
const goldenWord = `{"node":"paris","data_uuid":"01020304-0506-0708-090a-0b0c0d0e0f10","epoch":17,"version":"2.0.0","rules":1,"mysql":"h:3306","admin":"h:8080","applied":99,"acknowledged":98,"updated_us":1700000000123456,"left":true}`

func goldenMember() log.Member {
	return log.Member{
		Node: "paris", DataUUID: txn.UUID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, Epoch: 17, Version: "2.0.0", Rules: 1,
		MySQLAddress: "h:3306", AdminAddress: "h:8080", Applied: 99, Acknowledged: 98, UpdatedUS: 1_700_000_000_123_456, Left: true,
	}
}

func TestAMembersWordHasTheBytesThatItHad(t *testing.T) {
	b, err := encodeWord(goldenMember())
	if err != nil || string(b) != goldenWord {
		t.Errorf("%s, %v\nwant %s", b, err, goldenWord)
	}
	// A newer release may say more.
	for _, text := range []string{goldenWord, goldenWord[:len(goldenWord)-1] + `,"zone":"b"}`} {
		if m, err := decodeWord("paris", []byte(text)); err != nil || m != goldenMember() {
			t.Errorf("%s is read as %+v, %v", text, m, err)
		}
	}
}

func FuzzDecodeWord(f *testing.F) {
	f.Add([]byte(goldenWord))
	f.Add([]byte(`{"data_uuid":"x"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeWord("n", b)
		if err != nil {
			return
		}
		encoded, err := encodeWord(m)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodeWord("n", encoded); err != nil || again != m {
			t.Fatalf("%+v comes back as %+v, %v", m, again, err)
		}
	})
}
