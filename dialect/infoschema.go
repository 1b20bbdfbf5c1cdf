package dialect

// lookupVirtual returns the table of information_schema, performance_schema or mysql of that
// name, or nil. Names of these databases and tables are compared without case, as MySQL does.
func lookupVirtual(database, name string) *virtualTable { panic("not built yet") }
