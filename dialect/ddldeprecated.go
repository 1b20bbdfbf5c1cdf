package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Codes of warnings that the driver's list lacks.
const (
	warningUTF8Alias         = 3719
	warningNational          = 3720
	warningUTF8MB3Collation  = 3778
	adviceOnDeprecatedUTF8   = "'utf8mb3' is deprecated and will be removed in a future release. Please use utf8mb4 instead"
	adviceOnUTF8             = "'utf8' is currently an alias for the character set UTF8MB3, but will be an alias for UTF8MB4 in a future release. Please consider using UTF8MB4 in order to be unambiguous."
	adviceOnNational         = "NATIONAL/NCHAR/NVARCHAR implies the character set UTF8MB3, which will be replaced by UTF8MB4 in a future release. Please consider using CHAR(x) CHARACTER SET UTF8MB4 in order to be unambiguous."
	adviceOnUTF8MB3Collation = "'%s' is a collation of the deprecated character set UTF8MB3. Please consider using UTF8MB4 with an appropriate collation instead."
)

// deprecatedCharset warns of what is written of UTF8MB3, in the order in which MySQL does.
func (b *tableBuilder) deprecatedCharset(charset, collation string, national bool) {
	if national {
		b.warnings = append(b.warnings, mysqlerr.Newf(warningNational, "%s", adviceOnNational))
		charset = ""
	}
	b.warnings = append(b.warnings, charsetWarnings(charset, collation)...)
}

// charsetWarnings are those for the names of a character set and of a collation as written.
func charsetWarnings(charset, collation string) []*mysqlerr.Error {
	var list []*mysqlerr.Error
	switch strings.ToLower(charset) {
	case "utf8":
		list = append(list, mysqlerr.Newf(warningUTF8Alias, "%s", adviceOnUTF8))
	case "utf8mb3":
		list = append(list, mysqlerr.Newf(mysql.ER_WARN_DEPRECATED_SYNTAX, "%s", adviceOnDeprecatedUTF8))
	}
	if c := schemas.LookupCollation(collation); c != nil && c.Charset == "utf8mb3" {
		list = append(list, mysqlerr.Newf(warningUTF8MB3Collation, adviceOnUTF8MB3Collation, c.Name))
	}
	return list
}

// optionWarnings are those for the character set and the collation of a database or a table.
func optionWarnings(list []optionSpec) []*mysqlerr.Error {
	var out []*mysqlerr.Error
	for _, o := range list {
		switch o.name {
		case "CHARSET":
			out = append(out, charsetWarnings(o.value, "")...)
		case "COLLATE":
			out = append(out, charsetWarnings("", o.value)...)
		}
	}
	return out
}
