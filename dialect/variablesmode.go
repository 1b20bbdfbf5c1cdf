package dialect

import (
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Modes that change no statement's meaning here and that @@sql_mode only remembers.
const (
	NoDirInCreate SQLMode = 1 << (iota + 32)
	// ANSI and Traditional stand for the list of modes that they set besides themselves.
	ANSI
	Traditional
)

// Spelling are the modes that a text is read by rather than carried out by: a prepared statement keeps those that it was prepared with.
const Spelling = ANSIQuotes | PipesAsConcat | NoBackslashEscapes | HighNotPrecedence | IgnoreSpace

// modeName is a mode with its name and the bit that it has in MySQL.
type modeName struct {
	mode SQLMode
	name string
	bit  uint
}

// modeNames lists the modes in the order in which @@sql_mode prints them.
func modeNames() []modeName {
	return []modeName{
		{RealAsFloat, "REAL_AS_FLOAT", 0}, {PipesAsConcat, "PIPES_AS_CONCAT", 1}, {ANSIQuotes, "ANSI_QUOTES", 2},
		{IgnoreSpace, "IGNORE_SPACE", 3}, {OnlyFullGroupBy, "ONLY_FULL_GROUP_BY", 5},
		{NoUnsignedSubtraction, "NO_UNSIGNED_SUBTRACTION", 6}, {NoDirInCreate, "NO_DIR_IN_CREATE", 7}, {ANSI, "ANSI", 18},
		{NoAutoValueOnZero, "NO_AUTO_VALUE_ON_ZERO", 19}, {NoBackslashEscapes, "NO_BACKSLASH_ESCAPES", 20},
		{StrictTransTables, "STRICT_TRANS_TABLES", 21}, {StrictAllTables, "STRICT_ALL_TABLES", 22},
		{NoZeroInDate, "NO_ZERO_IN_DATE", 23}, {NoZeroDate, "NO_ZERO_DATE", 24}, {AllowInvalidDates, "ALLOW_INVALID_DATES", 25},
		{ErrorForDivisionByZero, "ERROR_FOR_DIVISION_BY_ZERO", 26}, {Traditional, "TRADITIONAL", 27},
		{HighNotPrecedence, "HIGH_NOT_PRECEDENCE", 29}, {NoEngineSubstitution, "NO_ENGINE_SUBSTITUTION", 30},
		{PadCharToFullLength, "PAD_CHAR_TO_FULL_LENGTH", 31}, {TimeTruncateFractional, "TIME_TRUNCATE_FRACTIONAL", 32},
	}
}

// Bits are the mode in the bits that MySQL gives it.
func (m SQLMode) Bits() uint64 {
	var bits uint64
	for _, n := range modeNames() {
		if m&n.mode != 0 {
			bits |= 1 << n.bit
		}
	}
	return bits
}

// ParseSQLMode reads a value of sql_mode. Error 1231 names the part that is no mode.
func ParseSQLMode(text string) (SQLMode, error) {
	var m SQLMode
	names := modeNames()
	for word := range strings.SplitSeq(text, ",") {
		given := strings.TrimSpace(word)
		word = strings.ToUpper(given)
		if word == "" {
			continue
		}
		known := false
		for _, n := range names {
			if n.name == word {
				m |= n.mode
				known = true
			}
		}
		if !known {
			return 0, mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, "sql_mode", given)
		}
	}
	return m.expand(), nil
}

// expand adds what ANSI and TRADITIONAL stand for.
func (m SQLMode) expand() SQLMode {
	if m&ANSI != 0 {
		m |= RealAsFloat | PipesAsConcat | ANSIQuotes | IgnoreSpace | OnlyFullGroupBy
	}
	if m&Traditional != 0 {
		m |= StrictTransTables | StrictAllTables | NoZeroInDate | NoZeroDate | ErrorForDivisionByZero | NoEngineSubstitution
	}
	return m
}

// modeOfNumber reads sql_mode given as a number of MySQL's bits.
func modeOfNumber(n uint64) SQLMode {
	var m SQLMode
	for _, name := range modeNames() {
		if n&(1<<name.bit) != 0 {
			m |= name.mode
		}
	}
	return m.expand()
}

// String prints the modes as @@sql_mode does.
func (m SQLMode) String() string {
	var list []string
	for _, n := range modeNames() {
		if m&n.mode != 0 {
			list = append(list, n.name)
		}
	}
	return strings.Join(list, ",")
}
