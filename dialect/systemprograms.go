package dialect

import (
	"strings"

	"marmot/schemas"
)

// systemFunctions are the functions of the database sys: name, parameters, type, and the expression that is returned.
var systemFunctions = [][4]string{
	{"extract_schema_from_file_name", "path VARCHAR(512)", "VARCHAR(64)", `SUBSTRING_INDEX(SUBSTRING_INDEX(REPLACE(path, '\\', '/'), '/', -2), '/', 1)`},
	{"extract_table_from_file_name", "path VARCHAR(512)", "VARCHAR(64)", `SUBSTRING_INDEX(REPLACE(SUBSTRING_INDEX(REPLACE(path, '\\', '/'), '/', -1), '@0024', '$'), '.', 1)`},
	{"format_bytes", "bytes TEXT", "TEXT", "FORMAT_BYTES(bytes)"},
	{"format_path", "in_path VARCHAR(512)", "VARCHAR(512)", "IF(CHAR_LENGTH(@@datadir) > 1 AND LOCATE(@@datadir, in_path) = 1, CONCAT('@@datadir/', SUBSTRING(in_path, CHAR_LENGTH(@@datadir) + 1)), in_path)"},
	{"format_statement", "statement LONGTEXT", "LONGTEXT", `REPLACE(IF(CHAR_LENGTH(statement) > IFNULL(@sys.statement_truncate_len, 64),
		CONCAT(LEFT(statement, IFNULL(@sys.statement_truncate_len, 64) / 2 - 2), ' ... ', RIGHT(statement, IFNULL(@sys.statement_truncate_len, 64) / 2 - 2)), statement), '\n', ' ')`},
	{"format_time", "picoseconds TEXT", "TEXT", "FORMAT_PICO_TIME(picoseconds)"},
	{"list_add", "in_list TEXT, in_add_value TEXT", "TEXT", "IF(IFNULL(in_list, '') = '', in_add_value, CONCAT(TRIM(TRAILING ',' FROM in_list), ',', in_add_value))"},
	{"list_drop", "in_list TEXT, in_drop_value TEXT", "TEXT", "TRIM(BOTH ',' FROM REPLACE(CONCAT(',', in_list, ','), CONCAT(',', in_drop_value, ','), ','))"},
	{"ps_is_account_enabled", "in_host VARCHAR(255), in_user VARCHAR(32)", "ENUM('YES','NO')", "'NO'"},
	{"ps_is_consumer_enabled", "in_consumer VARCHAR(64)", "ENUM('YES','NO')", "(SELECT ENABLED FROM performance_schema.setup_consumers WHERE NAME = in_consumer)"},
	{"ps_is_instrument_default_enabled", "in_instrument VARCHAR(128)", "ENUM('YES','NO')", "'NO'"},
	{"ps_is_instrument_default_timed", "in_instrument VARCHAR(128)", "ENUM('YES','NO')", "'NO'"},
	{"ps_is_thread_instrumented", "in_connection_id BIGINT UNSIGNED", "ENUM('YES','NO','UNKNOWN')",
		"IFNULL((SELECT INSTRUMENTED FROM performance_schema.threads WHERE PROCESSLIST_ID = in_connection_id), 'UNKNOWN')"},
	{"ps_thread_account", "in_thread_id BIGINT UNSIGNED", "TEXT",
		"(SELECT CONCAT(PROCESSLIST_USER, '@', PROCESSLIST_HOST) FROM performance_schema.threads WHERE THREAD_ID = in_thread_id)"},
	{"ps_thread_id", "in_connection_id BIGINT UNSIGNED", "BIGINT UNSIGNED",
		"(SELECT THREAD_ID FROM performance_schema.threads WHERE PROCESSLIST_ID = IFNULL(in_connection_id, CONNECTION_ID()))"},
	{"quote_identifier", "in_identifier TEXT", "TEXT", "CONCAT('`', REPLACE(in_identifier, '`', '``'), '`')"},
	{"sys_get_config", "in_variable_name VARCHAR(128), in_default_value VARCHAR(128)", "VARCHAR(128)",
		"IFNULL((SELECT value FROM sys.sys_config WHERE variable = in_variable_name), in_default_value)"},
	{"version_major", "", "TINYINT UNSIGNED", "SUBSTRING_INDEX(VERSION(), '.', 1)"},
	{"version_minor", "", "TINYINT UNSIGNED", "SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 2), '.', -1)"},
	{"version_patch", "", "TINYINT UNSIGNED", "SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 3), '.', -1), '-', 1)"},
}

// systemPrograms are the stored programs of the database sys by name; they are in no catalog.
var systemPrograms = buildSystemPrograms()

func buildSystemPrograms() map[schemas.ProgramKey]*schemas.Program {
	m := map[schemas.ProgramKey]*schemas.Program{}
	for _, f := range systemFunctions {
		m[schemas.NewProgramKey(schemas.Function, f[0])] = &schemas.Program{Database: "sys", Kind: schemas.Function, Name: f[0], Definer: "mysql.sys@localhost",
			Parameters: f[1], Returns: f[2], Body: "RETURN " + f[3], Access: "READS SQL DATA", Security: "INVOKER", Charset: "utf8mb4",
			Collation: "utf8mb4_0900_ai_ci", DatabaseCollation: "utf8mb4_0900_ai_ci"}
	}
	return m
}

// programOf finds a stored program, those of the database sys too.
func programOf(c *schemas.Catalog, kind schemas.ProgramKind, database, name string) *schemas.Program {
	if strings.EqualFold(database, "sys") {
		return systemPrograms[schemas.NewProgramKey(kind, name)]
	}
	return c.Program(kind, database, name)
}
