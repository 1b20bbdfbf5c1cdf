package session

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// ConnectionSettings are what the global variables say of all connections.
type ConnectionSettings struct {
	RequireTLS                bool
	ConnectTimeout            time.Duration
	ReadTimeout, WriteTimeout time.Duration // until a session's own are known
	MaxConnections            int
	MaxStatements             int // prepared ones of the whole node
	MaxPacket                 int
	// Compression are the algorithms that a client may choose from: zlib, zstd, uncompressed.
	Compression []string
}

// ConnectionSettings returns the present ones.
func (e *Engine) ConnectionSettings() ConnectionSettings {
	return ConnectionSettings{
		RequireTLS:     e.globalText("require_secure_transport") == "ON",
		ConnectTimeout: e.globalSeconds("connect_timeout"),
		ReadTimeout:    e.globalSeconds("net_read_timeout"),
		WriteTimeout:   e.globalSeconds("net_write_timeout"),
		MaxConnections: e.globalCount("max_connections"),
		MaxStatements:  e.globalCount("max_prepared_stmt_count"),
		MaxPacket:      e.globalCount("max_allowed_packet"),
		Compression:    strings.Split(e.globalText("protocol_compression_algorithms"), ","),
	}
}

func (e *Engine) globalText(name string) string {
	return e.globals.get(dialect.LookupVariable(name)).text
}

// globalCount returns a variable whose values fit an int.
func (e *Engine) globalCount(name string) int {
	n, _ := strconv.Atoi(e.globalText(name)) // it was checked when it was set
	return n
}

func (e *Engine) globalSeconds(name string) time.Duration {
	return time.Duration(e.globalCount(name)) * time.Second
}

// readOnlyInSessions are variables of both scopes whose session value no statement sets.
var readOnlyInSessions = []string{"max_allowed_packet", "net_buffer_length", "max_user_connections"}

// errVariableIsReadOnly is ER_VARIABLE_IS_READONLY.
const errVariableIsReadOnly = 1621

// errNoOptionalMetadata is ER_CLIENT_DOES_NOT_SUPPORT.
const errNoOptionalMetadata = 3640

// refuseInSession refuses to set variables that a session cannot change.
func (s *Session) refuseInSession(name string) error {
	if name == "resultset_metadata" && !s.info.OptionalMetadata {
		return mysqlerr.New(errNoOptionalMetadata, "optional metadata transfer")
	}
	if slices.Contains(readOnlyInSessions, name) {
		return mysqlerr.New(errVariableIsReadOnly, "SESSION", name, "GLOBAL")
	}
	return nil
}

// packetUnit is what sizes of buffers and packets are multiples of.
const packetUnit = 1024

// checkConnectionVariable brings a global value into the form that MySQL keeps, or refuses it.
func checkConnectionVariable(name, text string) (string, error) {
	switch name {
	case "max_allowed_packet", "net_buffer_length":
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return text, err
		}
		return strconv.FormatUint(n-n%packetUnit, 10), nil
	case "protocol_compression_algorithms":
		for word := range strings.SplitSeq(text, ",") {
			switch strings.ToLower(strings.TrimSpace(word)) {
			case "zlib", "zstd", "uncompressed":
			default:
				return text, mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, name, text)
			}
		}
		return strings.ToLower(strings.ReplaceAll(text, " ", "")), nil
	}
	return text, nil
}

// deriveConnection works out what a setting comes to for the connection. It reports whether the setting is one of those.
func (v *variables) deriveConnection(s *Session, name string) bool {
	switch name {
	case "marmot_read_consistency":
		v.strongReads = strings.EqualFold(v.get(name).text, "STRONG")
	case "wait_timeout", "interactive_timeout":
		v.wire.IdleTimeout = v.seconds("wait_timeout")
		if s.info.Interactive {
			v.wire.IdleTimeout = v.seconds("interactive_timeout")
		}
	case "net_read_timeout":
		v.wire.ReadTimeout = v.seconds(name)
	case "net_write_timeout":
		v.wire.WriteTimeout = v.seconds(name)
	case "max_allowed_packet":
		v.wire.MaxPacket = int(v.count(name))
	case "resultset_metadata":
		v.wire.NoMetadata = v.get(name).text == "NONE"
	case "session_track_schema":
		v.wire.TrackSchema = v.isOn(name)
	case "session_track_gtids":
		v.wire.TrackGTID = v.get(name).text != "OFF"
	case "session_track_system_variables":
		v.wire.TrackVariables = v.get(name).text != ""
	case "session_track_state_change":
		v.wire.TrackState = v.isOn(name)
	case "session_track_transaction_info":
		v.wire.TrackTransaction = v.get(name).text
	default:
		return false
	}
	return true
}

// statusValues lists SHOW STATUS of the session: the node's values, those of its connection, and names for what nothing counts.
func (s *Session) statusValues() []dialect.NameValue {
	list := s.engine.statusValues()
	if s.engine.options.Status != nil {
		list = append(list, s.engine.options.Status()...)
	}
	if s.info.Status != nil {
		list = append(list, s.info.Status()...)
	}
	return withUncounted(list)
}

// SetQueryAttributes gives the attributes that the client sent with the next command; they are kept until the one after.
func (s *Session) SetQueryAttributes(list []QueryAttribute) { s.attributes = list }

// QueryAttribute is mysql_query_attribute_string(): the value of the attribute of that name, in any case, or NULL.
func (s *Session) QueryAttribute(name string) txn.Value {
	for _, a := range s.attributes {
		if strings.EqualFold(a.Name, name) {
			return a.Value
		}
	}
	return txn.Null()
}

// transport is how performance_schema.threads names what carries the connection.
func (i *ConnInfo) transport() string {
	switch {
	case i.TLS:
		return "SSL/TLS"
	case i.Address == "" || i.Address == "localhost":
		return "Socket"
	}
	return "TCP/IP"
}

func (i *ConnInfo) attributeList() []dialect.NameValue {
	list := make([]dialect.NameValue, 0, len(i.Attributes))
	for _, a := range i.Attributes {
		list = append(list, dialect.NameValue{Name: a.Name, Value: a.Value})
	}
	return list
}
