package dialect

import (
	"time"

	"marmot/txn"
)

// StatementContext is what a session says of a statement that readers of the binary log execute.
func StatementContext(mode SQLMode, zone *time.Location, noForeignKeys, noUniqueChecks bool) txn.StatementContext {
	name := "+00:00" // every server knows it
	if zone != time.UTC {
		name = zone.String()
	}
	return txn.StatementContext{SQLMode: mode.Bits(), TimeZone: name, NoForeignKeyChecks: noForeignKeys, NoUniqueChecks: noUniqueChecks}
}
