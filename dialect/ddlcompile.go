package dialect

import (
	"errors"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// compiles checks that SQLite will be able to compute the expression. A function that nobody
// knows is the error that unknown makes.
func (b *tableBuilder) compiles(text string, unknown func(name string) error) error {
	_, err := compileTableExpression(b.c, b.table, text)
	var e *mysqlerr.Error
	if errors.As(err, &e) && e.Code == mysql.ER_SP_DOES_NOT_EXIST {
		if tree, parseErr := parseExpression(text); parseErr == nil {
			if f, ok := tree.(*sqlparser.FuncExpr); ok {
				return unknown(f.Name.String())
			}
		}
	}
	return err
}
