package expression

import (
	_ "embed"
	"strings"
	"sync"

	"marmot/schemas"
	"marmot/txn"
)

// localesText holds what months and days are called: for each group of locales five lines, which are the locales, the months, the months in
// short, the days from Monday on, and the days in short.
//
//go:embed locales.txt
var localesText string

// calendar is what months and days are called in a locale.
type calendar struct{ months, shortMonths, days, shortDays []string }

// calendars are those of all locales by their names in lc_time_names.
var calendars = sync.OnceValue(func() map[string]*calendar {
	out := map[string]*calendar{}
	lines := strings.Split(strings.TrimSpace(localesText), "\n")
	for ; len(lines) >= 5; lines = lines[5:] {
		words := func(i int) []string { return strings.Split(lines[i], "|") }
		c := &calendar{months: words(1), shortMonths: words(2), days: words(3), shortDays: words(4)}
		for _, name := range strings.Fields(lines[0]) {
			out[name] = c
		}
	}
	return out
})

// calendarOf is that of a locale, or the English one.
func calendarOf(locale string) *calendar {
	if c := calendars()[locale]; c != nil {
		return c
	}
	return calendars()["en_US"]
}

// IsLocalized reports whether a function's result depends on lc_time_names.
func IsLocalized(name string) bool {
	return name == "date_format" || name == "dayname" || name == "monthname"
}

// CallLocalized is Call of such a function in another locale than English. What is stored in definitions has no locale: it has to be
// the same in every session and on every node.
func CallLocalized(name, locale string, args []Operand) (Operand, error) {
	o, err := Call(name, args)
	if f, ok := functionTable()[name]; ok && err == nil && strings.HasPrefix(o.SQL, f.sqlName()+"(") {
		o.SQL = "marmot_localized('" + name + "', '" + locale + "', " + strings.TrimPrefix(o.SQL, f.sqlName()+"(")
		o.Constant = nil
		if name != "date_format" && calendars()[locale] != nil {
			o.Type = schemas.Type{Kind: o.Type.Kind, Length: calendarOf(locale).width(name), Charset: o.Type.Charset, Collation: o.Type.Collation}
		}
	}
	return o, err
}

// width is the length of the longest name that a function can give.
func (c *calendar) width(function string) int {
	list, longest := c.days, 0
	if function == "monthname" {
		list = c.months
	}
	for _, name := range list {
		longest = max(longest, len([]rune(name)))
	}
	return longest
}

// localizedFunction is marmot_localized(function, locale, arguments …).
func localizedFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	c := calendarOf(string(args[1].Bytes()))
	switch string(args[0].Bytes()) {
	case "dayname":
		return nameOfDay(r, args[2:], c)
	case "monthname":
		return nameOfMonth(r, args[2:], c)
	}
	m, ok := r.dateOf(args[2])
	if !ok {
		return txn.Null(), nil
	}
	return formatMoment(m, textOf(args[3]), c)
}
