package mysqlerr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestErrorsReadAsMySQLPrintsThem(t *testing.T) {
	for _, c := range []struct {
		err  *Error
		want string
	}{
		{New(1146, "d", "t"), "ERROR 1146 (42S02): Table 'd.t' doesn't exist"},
		{New(1062, "7", "t.PRIMARY"), "ERROR 1062 (23000): Duplicate entry '7' for key 't.PRIMARY'"},
		{New(3140, "Invalid value.", 3, "t.j"), `ERROR 3140 (22032): Invalid JSON text: "Invalid value." at position 3 in value for column 't.j'.`},
		{New(3819, "pos"), "ERROR 3819 (HY000): Check constraint 'pos' is violated."},
		{New(9), "ERROR 9 (HY000): Unknown error"},
		{Newf(1105, "no %s", "luck"), "ERROR 1105 (HY000): no luck"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestCodeIsFoundBehindWraps(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("apply 17: %w", New(1213).Wrap(cause))
	if Code(err) != 1213 || !errors.Is(err, cause) || Code(cause) != 0 {
		t.Errorf("got %d of %v, and %d of a plain error", Code(err), err, Code(cause))
	}
}

func TestMessagesHaveNoForeignVerbs(t *testing.T) {
	for code, m := range recent() {
		if len(m.state) != 5 || m.format == "" || strings.Contains(m.format, "%l") || strings.Contains(m.format, "%u") {
			t.Errorf("%d: state %q, format %q", code, m.state, m.format)
		}
	}
}
