package debezium

import "testing"

func TestStatementsAreNormalizedAsTheConnectorDoes(t *testing.T) {
	for text, want := range map[string]string{
		`CREATE TABLE t (a INT)`:                             `CREATE TABLE t (a INT)`,
		`CREATE TABLE t (a VARCHAR(9) DEFAULT "it's ""x""")`: `CREATE TABLE t (a VARCHAR(9) DEFAULT 'it''s ""x""')`,
		`CREATE TABLE t (a INT COMMENT 'a "b" c')`:           `CREATE TABLE t (a INT COMMENT 'a "b" c')`,
		"CREATE TABLE `a\"b\"` (a INT) -- \"no\"\n":          "CREATE TABLE `a\"b\"` (a INT) -- \"no\"\n",
		`CREATE TABLE t (a INT) /* "no" */ COMMENT="y"`:      `CREATE TABLE t (a INT) /* "no" */ COMMENT='y'`,
		`CREATE TABLE t (a INT) /*! COMMENT="y" */`:          `CREATE TABLE t (a INT) /*! COMMENT='y' */`,
		`ALTER TABLE t COMMENT = "a\"b'c" # "no"`:            `ALTER TABLE t COMMENT = 'a\"b''c' # "no"`,
		"create table rank (lead int, x int)":                "create table `rank` (`lead` int, x int)",
		"ALTER TABLE t ADD Row_Number  BIGINT":               "ALTER TABLE t ADD `Row_Number` BIGINT",
		`ALTER TABLE t COMMENT 'rank int'`:                   `ALTER TABLE t COMMENT 'rank int'`,
		`ALTER TABLE t COMMENT "open`:                        `ALTER TABLE t COMMENT "open`,
		``:                                                   ``,
	} {
		if got := normalizedText(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
