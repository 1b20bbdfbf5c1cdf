package schemas

// Kind is a MySQL column type, aliases resolved (BOOL is TinyInt, DEC is Decimal).
type Kind uint8

// The column types. Numbers are part of the catalog's format and never change.
const (
	TinyInt    Kind = 1
	SmallInt   Kind = 2
	MediumInt  Kind = 3
	Int        Kind = 4
	BigInt     Kind = 5
	Decimal    Kind = 6
	Float      Kind = 7
	Double     Kind = 8
	Bit        Kind = 9
	Date       Kind = 10
	Time       Kind = 11
	DateTime   Kind = 12
	Timestamp  Kind = 13
	Year       Kind = 14
	Char       Kind = 15
	VarChar    Kind = 16
	TinyText   Kind = 17
	Text       Kind = 18
	MediumText Kind = 19
	LongText   Kind = 20
	Binary     Kind = 21
	VarBinary  Kind = 22
	TinyBlob   Kind = 23
	Blob       Kind = 24
	MediumBlob Kind = 25
	LongBlob   Kind = 26
	Enum       Kind = 27
	Set        Kind = 28
	JSON       Kind = 29
	Geometry   Kind = 30 // and its subtypes, by Type.Spelling
	Vector     Kind = 31
)

// Type is a MySQL column type with its attributes.
//
// Stored form, by kind: integers, YEAR and BIT(≤63) as INTEGER (BIGINT UNSIGNED of 2^63 and
// more as 20-digit TEXT); BIT(64) as an 8-byte BLOB; FLOAT and DOUBLE as REAL; DECIMAL as TEXT
// with exactly Decimals fraction digits; DATE "2026-01-31", TIME "-838:59:59.000000"
// with Decimals digits, DATETIME and TIMESTAMP (in UTC) "2026-01-31 12:00:00.000" as TEXT;
// character types, ENUM (the member) and SET (members joined by commas) as TEXT in
// UTF-8; JSON as TEXT in MySQL's normal form; binary types and geometry (SRID + WKB) as BLOB.
type Type struct {
	Kind     Kind `json:"kind,omitempty"`
	Unsigned bool `json:"unsigned,omitempty"`
	Zerofill bool `json:"zerofill,omitempty"`
	// Length is the display width of integers, M of DECIMAL/FLOAT/DOUBLE(M,D), characters of
	// CHAR/VARCHAR, bytes of BINARY/VARBINARY, bits of BIT; 0 when not given.
	Length int `json:"length,omitempty"`
	// Decimals is the scale of DECIMAL, D of FLOAT(M,D), or the fraction digits of temporal
	// types; -1 for FLOAT and DOUBLE without (M,D).
	Decimals  int      `json:"decimals,omitempty"`
	Charset   string   `json:"charset,omitempty"`   // of character types, ENUM, SET; empty otherwise
	Collation string   `json:"collation,omitempty"` // likewise
	Members   []string `json:"members,omitempty"`   // of ENUM and SET
	// Spelling is the type's name as declared, upper case: BOOL, DEC, NATIONAL VARCHAR, POINT, …; empty where nothing was
	// declared, and the type is spelled as SHOW CREATE TABLE does.
	Spelling string `json:"spelling,omitempty"`
	// Written is what was declared in parentheses behind the name if SHOW CREATE TABLE does not show that: (11) of INT(11),
	// () of BINARY. It tells of the statement and nothing of the type.
	Written string `json:"written,omitempty"`
	// Declared is what else a statement said of the type and SHOW CREATE TABLE does not show; nil: nothing. It tells of the statement and nothing of
	// the type.
	Declared *Declaration `json:"declared,omitempty"`
	SRID     uint32       `json:"srid,omitempty"` // of geometry
	// SRIDGiven: the column takes geometries of SRID only; implied where SRID is not 0.
	SRIDGiven bool `json:"srid_given,omitempty"`
}

// Declaration tells how a statement declared a type where another declaration would have made the same one.
type Declaration struct {
	// Modifier is SIGNED behind a number's name, or BINARY behind that of a character type.
	Modifier string `json:"modifier,omitempty"`
	// Charset is the character set that stands in the statement, or else the table's, if that is not the type's: of ASCII, UNICODE, BYTE, COLLATE, and
	// of another name or case for the same set.
	Charset string `json:"charset,omitempty"`
	// Members are those of an ENUM or SET as they stand between single quotes, if SHOW CREATE TABLE has them otherwise.
	Members []string `json:"members,omitempty"`
	// Comment is the comment that the column had before a CHANGE without one.
	Comment string `json:"comment,omitempty"`
	// Nullable: a statement changed a column of the primary key without saying NOT NULL.
	Nullable bool `json:"nullable,omitempty"`
}
