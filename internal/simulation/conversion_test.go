package simulation

import (
	"fmt"
)

// Codes of values that a type does not take, and of definitions that the rows do not fit: all that may be said of b.morph.
var conversionCodes = []uint16{
	1048, // cannot be null
	1054, // no such column
	1062, // duplicate
	1138, // NULL where none may be
	1264, // out of range
	1265, // data truncated
	1292, // incorrect value
	1366, // incorrect value for a column
	1406, // data too long
	1525, // incorrect value of a type
	1690, // out of range in an expression
	3140, // no JSON text
	3144, // no JSON text of a binary string
	3819, // a check
	4025, // a check
}

// awkward are values that fit some of the types that b.morph gets, as SQL text.
var awkward = []string{"NULL", "''", "'abc'", "'ABC '", "'12'", "'-1'", "'300'", "'9999999999'", "'1e3'", "'2024-02-29'", "'2024-02-30'",
	"'1.005'", "'äöü'", "'[1]'", "REPEAT('x', 40)", "0", "-128", "255", "2147483648", "X'00FF'"}

// morph writes to a table whose columns change their types meanwhile.
func (c *connection) morph() error {
	any := func() string { return awkward[c.random.IntN(len(awkward))] }
	var sql string
	switch c.random.IntN(5) {
	case 0, 1:
		sql = fmt.Sprintf("INSERT INTO b.morph VALUES (%d, %s, %s)", c.random.IntN(30), any(), any())
	case 2:
		sql = fmt.Sprintf("REPLACE INTO b.morph VALUES (%d, %s, %s)", c.random.IntN(30), any(), any())
	case 3:
		sql = fmt.Sprintf("UPDATE b.morph SET v = %s, n = %s WHERE id < %d", any(), any(), c.random.IntN(30))
	case 4:
		sql = fmt.Sprintf("DELETE FROM b.morph WHERE id = %d", c.random.IntN(30))
	}
	mode := []string{"DEFAULT", "''"}[c.random.IntN(2)]
	if err := c.all("SET sql_mode = "+mode, sql); err != nil {
		c.expect(err, conversionCodes...)
		return tolerate(err, conversionCodes...)
	}
	return nil
}

// Types that columns of b.morph are given, narrow and wide ones.
var types = []string{"VARCHAR(40)", "VARCHAR(3)", "VARCHAR(40) NOT NULL DEFAULT 'x'", "VARCHAR(40) CHARACTER SET latin1", "VARCHAR(40) COLLATE utf8mb4_bin",
	"CHAR(5)", "VARBINARY(6)", "TEXT", "BLOB", "TINYINT", "TINYINT UNSIGNED", "INT", "INT NOT NULL", "BIGINT", "BIGINT UNSIGNED", "DOUBLE", "FLOAT",
	"DECIMAL(5,2)", "DECIMAL(30,10)", "DATE", "DATETIME(3)", "TIME", "YEAR", "ENUM('a','abc','12')", "SET('a','12')", "JSON", "BIT(8)"}

// convert changes the types and the rules of b.morph under its writers. What the rows do not fit must be refused by the
// origin; what is in the log must be carried out by every node.
func (c *connection) convert() error {
	column := []string{"v", "n"}[c.random.IntN(2)]
	statements := []string{
		fmt.Sprintf("ALTER TABLE b.morph MODIFY %s %s", column, types[c.random.IntN(len(types))]),
		fmt.Sprintf("ALTER TABLE b.morph MODIFY %s %s", column, types[c.random.IntN(len(types))]),
		fmt.Sprintf("ALTER TABLE b.morph MODIFY v %s, MODIFY n %s", types[c.random.IntN(len(types))], types[c.random.IntN(len(types))]),
		fmt.Sprintf("ALTER TABLE b.morph CHANGE %s %[1]s %s AFTER id", column, types[c.random.IntN(len(types))]),
		fmt.Sprintf("ALTER TABLE b.morph ADD UNIQUE KEY u_%s (%[1]s)", column),
		fmt.Sprintf("ALTER TABLE b.morph DROP INDEX u_%s", column),
		fmt.Sprintf("ALTER TABLE b.morph ADD KEY k_%s (%[1]s)", column),
		fmt.Sprintf("ALTER TABLE b.morph DROP INDEX k_%s", column),
		"ALTER TABLE b.morph ADD CONSTRAINT small CHECK (n < 1000)",
		"ALTER TABLE b.morph DROP CHECK small",
		"ALTER TABLE b.morph CONVERT TO CHARACTER SET latin1",
		"ALTER TABLE b.morph CONVERT TO CHARACTER SET utf8mb4",
		"ALTER TABLE b.morph DROP PRIMARY KEY, ADD PRIMARY KEY (id)",
		"ALTER TABLE b.morph MODIFY id BIGINT",
		"ALTER TABLE b.morph MODIFY id VARCHAR(20)",
		"ALTER TABLE b.morph MODIFY id INT",
		"ALTER TABLE b.morph MODIFY id TINYINT UNSIGNED",
	}
	sql := statements[c.random.IntN(len(statements))]
	mode := []string{"DEFAULT", "''"}[c.random.IntN(2)]
	// 1061, 1091: the index is there, or is not; 1170: a key of TEXT without a length; 1101: TEXT with a default; 3152: a key of
	// JSON; 3821, 3822: the check is not there, or is.
	codes := append([]uint16{1061, 1091, 1101, 1170, 1171, 3152, 3821, 3822, 3940}, conversionCodes...)
	if err := c.all("SET sql_mode = "+mode, sql); err != nil {
		c.expect(err, codes...)
		return tolerate(err, codes...)
	}
	return nil
}

// visit writes to a database that comes and goes.
func (c *connection) visit() error {
	// 1008, 1049: no such database; 1146: no such table.
	_, err := c.query("INSERT INTO c.guest (name) VALUES ('guest %d')", c.now.number)
	c.expect(err, 1049, 1146)
	return tolerate(err, 1049, 1146)
}
