package wire

import (
	"encoding/binary"
	"strconv"

	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const (
	nonceBytes = 20
	// defaultCollation is utf8mb4_0900_ai_ci, announced in the greeting.
	defaultCollation = 255
	// maxAttributes bounds the connection attributes that a client may send.
	maxAttributes = 64 << 10
	// keptAttributes bounds those that are kept, as performance_schema_session_connect_attrs_size does.
	keptAttributes = 512
	// maxLoginPacket bounds what a client may send before it has logged in.
	maxLoginPacket = 2 * maxAttributes
)

// Capabilities that go-mysql does not name.
const (
	clientExpiredPasswords = 1 << 22 // CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS
	clientOptionalMetadata = 1 << 25 // CLIENT_OPTIONAL_RESULTSET_METADATA
	clientQueryAttributes  = 1 << 27 // CLIENT_QUERY_ATTRIBUTES
)

// serverCapabilities is what the server offers; CLIENT_SSL is added when it has a certificate, and the algorithms of
// compression that are allowed.
const serverCapabilities = mysql.CLIENT_LONG_PASSWORD | mysql.CLIENT_FOUND_ROWS | mysql.CLIENT_LONG_FLAG |
	mysql.CLIENT_CONNECT_WITH_DB | mysql.CLIENT_NO_SCHEMA | mysql.CLIENT_LOCAL_FILES | mysql.CLIENT_ODBC | mysql.CLIENT_IGNORE_SPACE |
	mysql.CLIENT_PROTOCOL_41 | mysql.CLIENT_INTERACTIVE | mysql.CLIENT_IGNORE_SIGPIPE | mysql.CLIENT_TRANSACTIONS |
	mysql.CLIENT_SECURE_CONNECTION | mysql.CLIENT_MULTI_STATEMENTS | mysql.CLIENT_MULTI_RESULTS |
	mysql.CLIENT_PS_MULTI_RESULTS | mysql.CLIENT_PLUGIN_AUTH | mysql.CLIENT_CONNECT_ATTRS |
	mysql.CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA | mysql.CLIENT_SESSION_TRACK | mysql.CLIENT_DEPRECATE_EOF |
	clientExpiredPasswords | clientOptionalMetadata | clientQueryAttributes

// requiredCapabilities is what a client must have: the 4.1 protocol and its authentication.
const requiredCapabilities = mysql.CLIENT_PROTOCOL_41 | mysql.CLIENT_SECURE_CONNECTION

// greeting is the server's first packet.
type greeting struct {
	version      string
	connectionID uint32
	nonce        []byte // nonceBytes
	capabilities uint32
}

func (g *greeting) append(b []byte) []byte {
	b = append(b, mysql.ClassicProtocolVersion)
	b = append(append(b, g.version...), 0)
	b = binary.LittleEndian.AppendUint32(b, g.connectionID)
	b = append(append(b, g.nonce[:8]...), 0)
	b = append(b, byte(g.capabilities), byte(g.capabilities>>8))
	b = append(b, defaultCollation)
	b = binary.LittleEndian.AppendUint16(b, mysql.SERVER_STATUS_AUTOCOMMIT)
	b = append(b, byte(g.capabilities>>16), byte(g.capabilities>>24))
	b = append(b, nonceBytes+1)
	b = append(b, make([]byte, 10)...)
	b = append(append(b, g.nonce[8:]...), 0)
	return append(append(b, mysql.AUTH_CACHING_SHA2_PASSWORD...), 0)
}

// response is the client's answer to the greeting, or the content of COM_CHANGE_USER.
type response struct {
	capabilities uint32
	maxPacket    uint32
	collation    uint16
	user         string
	auth         []byte
	database     string
	plugin       string
	attributes   []session.Attribute
	zstdLevel    int
}

// sslRequestBytes is the length of the short response that asks for TLS.
const sslRequestBytes = 32

// parseResponse reads a handshake response. A payload of sslRequestBytes with CLIENT_SSL is an
// SSL request: only capabilities, packet size and collation are set then, and tls is true.
func parseResponse(payload []byte) (r response, tls bool, err error) {
	d := decoder{data: payload}
	r.capabilities = d.uint32()
	r.maxPacket = d.uint32()
	r.collation = uint16(d.uint8())
	d.take(23)
	if d.err != nil {
		return r, false, d.err
	}
	if len(payload) == sslRequestBytes && r.capabilities&mysql.CLIENT_SSL != 0 {
		return r, true, nil
	}
	r.user = string(d.zeroTerminated())
	switch {
	case r.capabilities&mysql.CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA != 0:
		r.auth = d.lenencBytes()
	case r.capabilities&mysql.CLIENT_SECURE_CONNECTION != 0:
		r.auth = d.take(int(d.uint8()))
	default:
		r.auth = d.zeroTerminated()
	}
	if r.capabilities&mysql.CLIENT_CONNECT_WITH_DB != 0 && len(d.data) > 0 {
		r.database = string(d.zeroTerminated())
	}
	r.plugin = mysql.AUTH_NATIVE_PASSWORD
	if r.capabilities&mysql.CLIENT_PLUGIN_AUTH != 0 && len(d.data) > 0 {
		r.plugin = string(d.zeroTerminated())
	}
	r.parseAttributes(&d)
	if r.capabilities&clientZstd != 0 && len(d.data) > 0 {
		r.zstdLevel = int(d.uint8())
	}
	return r, false, d.err
}

// parseChangeUser reads COM_CHANGE_USER, without its command byte; capabilities are those
// of the connection.
func parseChangeUser(payload []byte, capabilities uint32) (r response, err error) {
	d := decoder{data: payload}
	r.capabilities = capabilities
	r.user = string(d.zeroTerminated())
	r.auth = d.take(int(d.uint8()))
	r.database = string(d.zeroTerminated())
	r.plugin = mysql.AUTH_NATIVE_PASSWORD
	if len(d.data) >= 2 {
		r.collation = d.uint16()
	}
	if capabilities&mysql.CLIENT_PLUGIN_AUTH != 0 && len(d.data) > 0 {
		r.plugin = string(d.zeroTerminated())
	}
	r.parseAttributes(&d)
	return r, d.err
}

// parseAttributes reads the connection attributes, pairs of strings. What is beyond keptAttributes is only counted.
func (r *response) parseAttributes(d *decoder) {
	if r.capabilities&mysql.CLIENT_CONNECT_ATTRS == 0 || len(d.data) == 0 {
		return
	}
	pairs := decoder{data: d.lenencBytes()}
	if len(pairs.data) > maxAttributes {
		d.err = errMalformed
		return
	}
	whole, lost := len(pairs.data), 0
	for len(pairs.data) > 0 {
		name, value := pairs.lenencBytes(), pairs.lenencBytes()
		if pairs.err != nil {
			d.err = pairs.err
			return
		}
		if end := whole - len(pairs.data); end > keptAttributes {
			lost = whole - keptAttributes
			continue
		}
		r.attributes = append(r.attributes, session.Attribute{Name: string(name), Value: string(value)})
	}
	if lost > 0 {
		r.attributes = append(r.attributes, session.Attribute{Name: "_truncated", Value: strconv.Itoa(lost)})
	}
}
