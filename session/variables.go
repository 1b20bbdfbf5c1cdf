package session

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"marmot/dialect"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
)

// setting is the value of a system variable, in the form of SHOW VARIABLES.
type setting struct {
	text string
	null bool
}

// variables are the system variables of a session: the settings that differ from the defaults, and
// what the settings that matter here come to.
type variables struct {
	values map[string]setting

	autocommit     bool
	mode           dialect.SQLMode
	zone           *time.Location
	collation      string // collation_connection
	isolation      isolation
	readOnly       bool
	noForeignKeys  bool
	safeUpdates    bool
	noUniqueChecks bool
	selectLimit    uint64
	divisionDelta  int           // div_precision_increment less its default
	locale         string        // lc_time_names; empty for en_US
	lockWait       time.Duration // innodb_lock_wait_timeout
	metadataWait   time.Duration // lock_wait_timeout
	maxExecution   time.Duration // max_execution_time; 0: none
	timestamp      time.Time     // zero: the clock
	seeds          expression.RandomState
	strongReads    bool
	waitFor        txn.Position // marmot_wait_gtid
	client         charset.Charset
	literals       string // utf8mb4 or utf8mb3, if it is the character set of both client and connection; else empty
	wire           WireSettings
}

// newVariables begins with the global values and what the connection brings along.
func newVariables(s *Session) variables {
	v := variables{values: s.engine.globals.forSession(), zone: time.UTC}
	for _, name := range derivedVariables {
		_ = v.derive(s, name) // values that are in force have been checked
	}
	if c := schemas.CollationByID(s.info.CollationID); c != nil && (c.Supported() || foreignCharset(c.Charset) != nil) {
		v.setCollations(c)
	}
	if s.info.IgnoreSpace {
		v.mode |= dialect.IgnoreSpace
		v.values["sql_mode"] = setting{text: v.mode.String()}
	}
	return v
}

// setCollations is what a handshake with the collation, or SET NAMES, does.
func (v *variables) setCollations(c *schemas.Collation) {
	for _, name := range []string{"character_set_client", "character_set_connection", "character_set_results"} {
		v.values[name] = setting{text: c.Charset}
	}
	v.values["collation_connection"] = setting{text: c.Name}
	v.deriveCharacterSets()
}

// derivedVariables are those that derive looks at, in an order in which none needs a later one.
var derivedVariables = []string{
	"autocommit", "sql_mode", "time_zone", "collation_connection", "transaction_isolation", "transaction_read_only",
	"foreign_key_checks", "unique_checks", "sql_safe_updates", "sql_select_limit", "innodb_lock_wait_timeout", "lock_wait_timeout",
	"max_execution_time", "wait_timeout", "interactive_timeout", "session_track_schema", "session_track_gtids",
	"session_track_system_variables", "session_track_state_change", "session_track_transaction_info", "net_read_timeout",
	"net_write_timeout", "max_allowed_packet", "marmot_read_consistency",
}

// get returns the session's value of a variable, or its default.
func (v *variables) get(name string) setting {
	if x, ok := v.values[name]; ok {
		return x
	}
	if d := dialect.LookupVariable(name); d != nil {
		return setting{text: d.Default}
	}
	return setting{}
}

func (v *variables) isOn(name string) bool { return v.get(name).text == "ON" }

func (v *variables) count(name string) uint64 {
	n, err := strconv.ParseUint(v.get(name).text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// seconds returns a variable that counts seconds, bounded by what a Duration holds.
func (v *variables) seconds(name string) time.Duration {
	return time.Duration(min(v.count(name), math.MaxInt64/uint64(time.Second))) * time.Second
}

// derive works out what a changed setting comes to.
func (v *variables) derive(s *Session, name string) error {
	switch name {
	case "autocommit":
		v.autocommit = v.isOn(name)
	case "sql_mode":
		mode, err := dialect.ParseSQLMode(v.get(name).text)
		if err != nil {
			return err
		}
		v.mode = mode
	case "time_zone":
		zone, err := parseZone(v.get(name).text)
		if err != nil {
			return err
		}
		v.zone = zone
	case "character_set_client", "character_set_results", "character_set_connection", "collation_connection":
		v.deriveCharacterSets()
	case "transaction_isolation", "tx_isolation":
		v.isolation = parseIsolation(v.get(name).text)
	case "transaction_read_only", "tx_read_only":
		v.readOnly = v.isOn(name)
	case "foreign_key_checks":
		v.noForeignKeys = !v.isOn(name)
	case "unique_checks":
		v.noUniqueChecks = !v.isOn(name)
	case "sql_safe_updates":
		v.safeUpdates = v.isOn(name)
	case "div_precision_increment":
		v.divisionDelta = int(v.count(name)) - 4
	case "lc_time_names":
		if v.locale = v.get(name).text; v.locale == "en_US" {
			v.locale = ""
		}
	case "sql_select_limit":
		v.selectLimit = v.count(name)
		if v.selectLimit == math.MaxUint64 {
			v.selectLimit = 0
		}
	case "innodb_lock_wait_timeout":
		v.lockWait = v.seconds(name)
	case "lock_wait_timeout":
		v.metadataWait = v.seconds(name)
	case "max_execution_time":
		v.maxExecution = time.Duration(min(v.count(name), math.MaxInt64/uint64(time.Millisecond))) * time.Millisecond
	default:
		v.deriveConnection(s, name)
	}
	return nil
}

// deriveCharacterSets works out the conversions between client and UTF-8.
func (v *variables) deriveCharacterSets() {
	v.collation = v.get("collation_connection").text
	client := v.get("character_set_client").text
	v.client = foreignCharset(client)
	v.literals = ""
	if client == v.get("character_set_connection").text && strings.HasPrefix(client, "utf8mb") {
		v.literals = client
	}
	results := v.get("character_set_results")
	v.wire.CollationID, v.wire.FromUTF8 = 0, nil
	if results.null || results.text == "" {
		return
	}
	name := results.text
	if c, ok := schemas.LookupCharset(name); ok {
		collation := c.DefaultCollation
		if connection := schemas.LookupCollation(v.collation); connection != nil && connection.Charset == c.Name {
			collation = connection.Name
		}
		if d := schemas.LookupCollation(collation); d != nil {
			v.wire.CollationID = d.ID
		}
	}
	v.wire.FromUTF8 = schemas.FromUTF8(name)
}

// foreignCharset returns the character set if text in it is not UTF-8 as it stands, else nil. Some are read as the larger set that
// has the same bytes for the same characters.
func foreignCharset(name string) charset.Charset {
	switch name {
	case "", "utf8mb4", "utf8mb3", "utf8", "binary", "ascii":
		return nil
	case "gbk", "gb18030":
		return charset.Charset_gb18030{}
	case "gb2312":
		return charset.Charset_gb2312{}
	case "sjis":
		return charset.Charset_sjis{}
	case "cp932":
		return charset.Charset_cp932{}
	case "ujis":
		return charset.Charset_ujis{}
	case "eucjpms":
		return charset.Charset_eucjpms{}
	case "euckr":
		return charset.Charset_euckr{}
	}
	c, ok := schemas.LookupCharset(name)
	if !ok {
		return nil
	}
	if d := schemas.LookupCollation(c.DefaultCollation); d != nil && d.Supported() {
		return d.Set()
	}
	return nil
}

// toUTF8 converts a statement from the client's character set.
func (v *variables) toUTF8(sql []byte) []byte {
	if v.client == nil {
		return sql
	}
	switch v.client.(type) {
	case charset.Charset_gb18030, charset.Charset_sjis, charset.Charset_cp932: // the second byte of a character may be ASCII
	default:
		sql = dialect.IntroducedBytes(sql, v.mode)
	}
	out, err := charset.Convert(nil, charset.Charset_utf8mb4{}, sql, v.client)
	if err != nil {
		return sql
	}
	return out
}

// parseIsolation reads a value of transaction_isolation. READ UNCOMMITTED reads what is committed.
func parseIsolation(text string) isolation {
	switch strings.ReplaceAll(strings.ToUpper(text), " ", "-") {
	case "READ-UNCOMMITTED", "READ-COMMITTED":
		return readCommitted
	case "SERIALIZABLE":
		return serializable
	}
	return repeatableRead
}

// zoneName is a value of time_zone as the variable shows it: offsets have two digits for hours and minutes.
func zoneName(text string) (string, error) {
	zone, err := parseZone(text)
	if err != nil || text[0] != '+' && text[0] != '-' {
		return text, err
	}
	_, offset := time.Now().In(zone).Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%c%02d:%02d", sign, offset/3600, offset%3600/60), nil
}

// parseZone reads a value of time_zone: SYSTEM is UTC on every node, so that nodes agree.
func parseZone(text string) (*time.Location, error) {
	if strings.EqualFold(text, "SYSTEM") || strings.EqualFold(text, "UTC") {
		return time.UTC, nil
	}
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		hours, minutes, ok := strings.Cut(text[1:], ":")
		h, errHours := strconv.Atoi(hours)
		m, errMinutes := strconv.Atoi(minutes)
		offset := h*3600 + m*60
		if !ok || errHours != nil || errMinutes != nil || m > 59 || offset > 14*3600 || text[0] == '-' && offset >= 14*3600 {
			return nil, mysqlerr.Newf(errUnknownTimeZone, "Unknown or incorrect time zone: '%s'", text)
		}
		if text[0] == '-' {
			offset = -offset
		}
		return time.FixedZone(text, offset), nil
	}
	zone, err := time.LoadLocation(text)
	if err != nil || text == "" || text == "Local" {
		return nil, mysqlerr.Newf(errUnknownTimeZone, "Unknown or incorrect time zone: '%s'", text)
	}
	return zone, nil
}

// errUnknownTimeZone is ER_UNKNOWN_TIME_ZONE.
const errUnknownTimeZone = 1298

// setNames is SET NAMES and SET CHARACTER SET: the value is a character set, or a collation.
func (s *Session) setNames(v *dialect.SetVariable, value txn.Value) error {
	name := "utf8mb4"
	if !v.Default {
		name = string(plainBytes(value))
	}
	c := schemas.LookupCollation(name)
	if set, ok := schemas.LookupCharset(name); ok {
		c = schemas.LookupCollation(set.DefaultCollation)
	}
	if c == nil {
		return mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, name)
	}
	switch c.Charset {
	case "ucs2", "utf16", "utf16le", "utf32":
		return mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, "character_set_client", c.Charset)
	}
	s.vars.setCollations(c)
	return nil
}

// plainBytes spells a value as text.
func plainBytes(v txn.Value) []byte {
	switch v.Kind() {
	case txn.KindInteger:
		return strconv.AppendInt(nil, v.Int64(), 10)
	case txn.KindReal:
		return strconv.AppendFloat(nil, v.Float64(), 'g', -1, 64)
	}
	return v.Bytes()
}

// setVariable sets a system variable of the session.
func (s *Session) setVariable(r *run, name string, toDefault bool, value txn.Value) error {
	d := dialect.LookupVariable(name)
	if d == nil {
		return mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, name)
	}
	if d.Scope == dialect.ScopeGlobal && !d.ReadOnly {
		return mysqlerr.New(mysql.ER_GLOBAL_VARIABLE, d.Name)
	}
	if err := s.refuseInSession(d.Name); err != nil {
		return err
	}
	x, err := s.engine.globals.normalize(d, toDefault, value)
	if err != nil {
		return err
	}
	for _, w := range d.Notes(toDefault, value, x.text) {
		s.Warn(w)
	}
	if done, err := s.setSpecial(r, d.Name, toDefault, x); done || err != nil {
		if text, live := s.liveVariable(d.Name); err == nil && live {
			s.track(r, d.Name, text)
		}
		return err
	}
	old, had := s.vars.values[d.Name]
	s.vars.values[d.Name] = x
	if err := s.vars.derive(s, d.Name); err != nil {
		if delete(s.vars.values, d.Name); had {
			s.vars.values[d.Name] = old
		}
		return err
	}
	if d.Name == "sql_mode" {
		s.warnOfMode(s.vars.mode)
	}
	s.track(r, d.Name, x.text)
	return nil
}

// warnOfMode says, as MySQL does at every SET, that the modes about zero dates and division belong to strict mode.
func (s *Session) warnOfMode(mode dialect.SQLMode) {
	const merged = dialect.NoZeroDate | dialect.NoZeroInDate | dialect.ErrorForDivisionByZero
	if mode&(dialect.StrictTransTables|dialect.StrictAllTables) != 0 && mode&merged != merged ||
		mode&(dialect.StrictTransTables|dialect.StrictAllTables) == 0 && mode&merged != 0 {
		s.Warn(mysqlerr.Newf(3135, "'NO_ZERO_DATE', 'NO_ZERO_IN_DATE' and 'ERROR_FOR_DIVISION_BY_ZERO' sql modes should be used with strict mode. "+
			"They will be merged with strict mode in a future release."))
	}
	if mode&dialect.PadCharToFullLength != 0 {
		s.Warn(mysqlerr.Newf(3090, "Changing sql mode 'PAD_CHAR_TO_FULL_LENGTH' is deprecated. It will be removed in a future release."))
	}
}

// track notes a variable for the client that tracks it.
func (s *Session) track(r *run, name, text string) {
	if list := s.vars.get("session_track_system_variables").text; r != nil && (list == "*" || listed(list, name)) {
		r.changed = append(r.changed, Variable{Name: name, Value: text})
	}
}

func listed(list, name string) bool {
	for word := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(word), name) {
			return true
		}
	}
	return false
}

// setSpecial sets variables that do more than change a setting. It reports whether that is all.
func (s *Session) setSpecial(r *run, name string, toDefault bool, x setting) (done bool, err error) {
	switch name {
	case "autocommit":
		if x.text == "ON" && !s.vars.autocommit && s.xa == nil {
			return false, s.commitOpen(r)
		}
	case "rand_seed1", "rand_seed2":
		return true, s.setSeed(name == "rand_seed2", x.text)
	case "timestamp":
		return true, s.setTimestamp(toDefault, x.text)
	case "last_insert_id", "identity":
		s.last.insertID, err = strconv.ParseUint(x.text, 10, 64)
		return true, err
	case "marmot_wait_gtid":
		p, err := s.parseGTIDs(x.text)
		s.vars.waitFor = p
		return false, err
	case "marmot_write_consistency":
		if !strings.EqualFold(x.text, "ONE") {
			return false, mysqlerr.Newf(mysql.ER_NOT_SUPPORTED_YET, "marmot_write_consistency %s is not supported: members do not acknowledge yet; ONE is", x.text)
		}
	}
	return false, s.setCharacterSet(name, x)
}

// setCharacterSet keeps character_set_connection and collation_connection together, and likewise those of the server.
func (s *Session) setCharacterSet(name string, x setting) error {
	switch name {
	case "character_set_connection", "character_set_server":
		c, ok := schemas.LookupCharset(x.text)
		if !ok {
			return mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, x.text)
		}
		s.vars.values[strings.Replace(name, "character_set", "collation", 1)] = setting{text: c.DefaultCollation}
	case "collation_connection", "collation_server":
		c := schemas.LookupCollation(x.text)
		if c == nil {
			return mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, x.text)
		}
		s.vars.values[strings.Replace(name, "collation", "character_set", 1)] = setting{text: c.Charset}
	case "character_set_client", "character_set_results":
		if _, ok := schemas.LookupCharset(x.text); !ok && !x.null {
			return mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, x.text)
		}
	}
	return nil
}

func (s *Session) setTimestamp(toDefault bool, text string) error {
	seconds, err := strconv.ParseFloat(text, 64)
	if toDefault || err != nil || seconds == 0 {
		s.vars.timestamp = time.Time{}
		return nil
	}
	s.vars.timestamp = time.UnixMicro(int64(math.Round(seconds * 1e6)))
	return nil
}

// parseGTIDs reads a GTID set of this cluster: uuid:n or uuid:1-n; empty is none. The result is the last
// position in it.
func (s *Session) parseGTIDs(text string) (txn.Position, error) {
	var last txn.Position
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		source, numbers, ok := strings.Cut(part, ":")
		if c, known := s.engine.options.Store.Cluster(); !ok || !known || !strings.EqualFold(source, c.UUID.String()) {
			return 0, mysqlerr.New(errMalformedGTIDSet, text)
		}
		for interval := range strings.SplitSeq(numbers, ":") {
			if _, end, ranged := strings.Cut(interval, "-"); ranged {
				interval = end
			}
			n, err := strconv.ParseUint(interval, 10, 63)
			if err != nil || n == 0 {
				return 0, mysqlerr.New(errMalformedGTIDSet, text)
			}
			last = max(last, txn.Position(n))
		}
	}
	return last, nil
}

// errMalformedGTIDSet is ER_MALFORMED_GTID_SET_SPECIFICATION.
const errMalformedGTIDSet = 1772
