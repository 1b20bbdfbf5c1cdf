// Package expression builds the SQLite SQL of MySQL expressions, with MySQL's types.
//
// An Operand is an expression worked out so far: SQL text whose value is in the stored form
// of the operand's type (see schemas.Type), the type, the collation and how strongly it holds.
// The package's functions take operands and give operands: Arithmetic, Compare, Cast, Call,
// Aggregate and so on. Operands of equal types stay SQLite's own operators, so that indexes
// serve; where MySQL differs from SQLite, the SQL calls functions named marmot_… that
// Extensions lists and the store registers on every connection. Functions that depend on the
// session ask its Session, which is the state of the connection; without one they take the
// defaults: strict mode, UTC, no user.
//
// A TIMESTAMP is stored in UTC. As an operand it stays so for comparisons; Local turns it
// into the session's time for everything else, and what is selected must pass through Local.
//
// MySQL's functions are rows of one table (Functions lists them). Names it lacks give error 1305,
// wrong numbers of arguments 1582.
package expression
