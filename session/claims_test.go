package session

import (
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

func TestFootprintAsksForTablesBeforeKeysInOneOrder(t *testing.T) {
	a, b := &schemas.Table{ID: 2}, &schemas.Table{ID: 1}
	f := &footprint{}
	f.touch(a).writes = true
	f.touch(b).read = true
	f.key(2, 9, txn.Exclusive)
	f.key(2, 3, txn.Exclusive)
	f.key(1, 5, txn.Reference)
	f.key(3, 7, txn.Read)
	want := []want{
		{resource{table: 1, whole: true}, lockShared | lockIntentShared},
		{resource{table: 2, whole: true}, lockIntentExclusive},
		{resource{table: 3, whole: true}, lockIntentShared},
		{resource{table: 1, hash: 5}, lockShared},
		{resource{table: 2, hash: 3}, lockExclusive},
		{resource{table: 2, hash: 9}, lockExclusive},
		{resource{table: 3, hash: 7}, lockShared},
	}
	got := f.wants()
	if len(got) != len(want) {
		t.Fatalf("wants %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("want %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestClaimsKeepTheStrongestModeOfAKey(t *testing.T) {
	table := &schemas.Table{ID: 1, DBID: 7, Version: 4}
	c := &claims{}
	for _, mode := range []txn.Mode{txn.Read, txn.Exclusive, txn.Reference} {
		f := &footprint{}
		f.touch(table).writes = true
		f.key(1, 5, mode)
		c.add(f)
	}
	var body txn.Transaction
	c.transaction(&body, 12)
	if len(body.Keys) != 1 || body.Keys[0] != (txn.Key{Table: 1, Hash: 5, Mode: txn.Exclusive, At: 12}) {
		t.Errorf("keys %v", body.Keys)
	}
	if len(body.Tables) != 1 || body.Tables[0] != (txn.TableUse{Table: 1, Database: 7, Version: 4, Writes: true}) {
		t.Errorf("tables %+v", body.Tables)
	}
}

func TestTooManyKeysTakeTheTable(t *testing.T) {
	table := &schemas.Table{ID: 1}
	c := &claims{}
	first, second := &footprint{}, &footprint{}
	for i := range uint64(maxTableKeys) {
		first.key(1, i, txn.Exclusive)
	}
	first.touch(table).writes = true
	if got := c.crowded(first); got != nil {
		t.Errorf("%d keys crowd %v", maxTableKeys, got)
	}
	c.add(first)
	second.key(1, maxTableKeys, txn.Exclusive)
	if got := c.crowded(second); len(got) != 1 || got[0] != 1 {
		t.Errorf("one key more crowds %v", got)
	}
	second.touch(table).exclusive = true
	c.add(second)
	var body txn.Transaction
	c.transaction(&body, 3)
	if len(body.Keys) != 0 || len(body.Tables) != 1 || !body.Tables[0].Exclusive || body.Tables[0].ExclusiveAt != 3 {
		t.Errorf("%d keys, tables %+v", len(body.Keys), body.Tables)
	}
}
