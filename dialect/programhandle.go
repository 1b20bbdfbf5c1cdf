package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// raised looks for a handler of an error and runs it; nil is no error. An error that none handles is returned.
func (a *activation) raised(err error) (flow, error) {
	if err == nil {
		return flow{}, nil
	}
	e := errorOf(err)
	if e == nil || !a.h.Handleable(err) {
		return flow{}, err
	}
	h, at := a.handlerFor(e, true)
	if h == nil {
		return flow{}, err
	}
	list, n := a.h.Conditions()
	if len(list) == 0 || n == 0 || list[len(list)-1].Code != e.Code || list[len(list)-1].Message != e.Message {
		list, n = append(list[:len(list):len(list)], e), n+1
		a.h.SetConditions(list, n)
	}
	return a.handle(h, at, e)
}

// warned looks for a handler of the last warning that has one.
func (a *activation) warned(list []*mysqlerr.Error) (flow, error) {
	for i := len(list) - 1; i >= 0; i-- {
		if h, at := a.handlerFor(list[i], false); h != nil {
			return a.handle(h, at, list[i])
		}
	}
	return flow{}, nil
}

// handlerFor finds the handler for a condition, the innermost block's first and in it the most precise, and the place of
// its block.
func (a *activation) handlerFor(e *mysqlerr.Error, isError bool) (*handler, int) {
	for at := len(a.blocks) - 1; at >= 0; at-- {
		var best *handler
		rank := 0
		for _, h := range a.blocks[at].handlers {
			for _, c := range h.conditions {
				if r := c.matches(e, isError); r > rank {
					best, rank = h, r
				}
			}
		}
		if best != nil {
			return best, at
		}
	}
	return nil, 0
}

// matches reports how precisely the condition is that of e: 0 not at all.
func (c *condition) matches(e *mysqlerr.Error, isError bool) int {
	state := e.State
	warning, missing := strings.HasPrefix(state, "01"), strings.HasPrefix(state, "02")
	switch {
	case c.code != 0:
		if c.code == e.Code {
			return 3
		}
	case c.state != "":
		if c.state == state {
			return 2
		}
	case c.class == "SQLWARNING" && (warning || !isError && !missing && !e.Note && !isNote(e.Code)), c.class == "NOT FOUND" && missing,
		c.class == "SQLEXCEPTION" && isError && !warning && !missing:
		return 1
	}
	return 0
}

// handle runs a handler of the block at the given place. The handlers of that block and those inside it are out of
// force meanwhile.
func (a *activation) handle(h *handler, at int, e *mysqlerr.Error) (flow, error) {
	owner, all := a.blocks[at], a.blocks
	a.blocks = append([]*block{}, all[:at]...)
	list, n := a.h.Conditions()
	a.handled = append(a.handled, &handledCondition{condition: e, list: list, errors: n})
	f, err := a.statement(h.body)
	a.handled = a.handled[:len(a.handled)-1]
	a.blocks = all
	if err != nil {
		return f, err
	}
	if now, errors := a.h.Conditions(); len(now) >= len(list) && (len(list) == 0 || now[0] == list[0]) {
		a.h.SetConditions(now[len(list):], max(0, errors-n)) // what the handler itself has left stays
	}
	if f.kind != flowNext || !h.exit {
		return f, nil
	}
	return flow{kind: flowExit, block: owner}, nil
}

// maxConditionText is the longest MESSAGE_TEXT, in characters; other items are names.
const maxConditionText = 128

// signal runs SIGNAL and RESIGNAL.
func (a *activation) signal(n *signal) (flow, error) {
	var e *mysqlerr.Error
	if n.again {
		if len(a.handled) == 0 {
			return a.raised(mysqlerr.New(mysql.ER_RESIGNAL_WITHOUT_ACTIVE_HANDLER))
		}
		e = a.handled[len(a.handled)-1].condition
	}
	if n.condition != nil {
		e = signalled(n.condition.state)
	}
	items, err := a.signalItems(n.items)
	if err != nil {
		return a.raised(err)
	}
	if len(items) > 0 {
		e = e.WithItems(items)
		if text, ok := items["MESSAGE_TEXT"]; ok {
			e.Message = text
		}
		if text, ok := items["MYSQL_ERRNO"]; ok {
			code, _ := strconv.ParseUint(text, 10, 16) // signalItems has checked it
			e.Code = uint16(code)
		}
	}
	list, errors := a.h.Conditions()
	switch {
	case !n.again:
		list, errors = nil, 0
	case n.condition == nil && len(list) > 0: // the condition itself, changed
		list = list[:len(list)-1]
		errors = max(errors-1, 0)
	}
	list = append(list[:len(list):len(list)], e)
	if strings.HasPrefix(e.State, "01") {
		a.h.SetConditions(list, 0)
		if h, at := a.handlerFor(e, false); h != nil {
			return a.handle(h, at, e)
		}
		return flow{}, nil
	}
	a.h.SetConditions(list, errors+1)
	return a.raised(e)
}

// signalled is the condition of a SQLSTATE as SIGNAL raises it.
func signalled(state string) *mysqlerr.Error {
	code := uint16(mysql.ER_SIGNAL_EXCEPTION)
	switch state[:2] {
	case "01":
		code = mysql.ER_SIGNAL_WARN
	case "02":
		code = mysql.ER_SIGNAL_NOT_FOUND
	}
	e := mysqlerr.New(code)
	e.State = state
	return e
}

// signalItems computes the values of SIGNAL … SET.
func (a *activation) signalItems(list []signalItem) (map[string]string, error) {
	items := map[string]string{}
	for _, i := range list {
		t := Local{Name: i.name, Type: varcharType(65535 / 4)}
		v, err := a.evaluate(i.value, t)
		if err != nil {
			return nil, err
		}
		text := string(v.Bytes())
		if v.IsNull() {
			return nil, mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, i.name, "NULL")
		}
		if i.name == "MYSQL_ERRNO" {
			if code, err := strconv.ParseUint(text, 10, 16); err != nil || code == 0 {
				return nil, mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, i.name, text)
			}
			items[i.name] = text
			continue
		}
		most := maxName
		if i.name == "MESSAGE_TEXT" {
			most = maxConditionText
		}
		if runes := []rune(text); len(runes) > most {
			tooLong := mysqlerr.New(mysql.ER_COND_ITEM_TOO_LONG, i.name)
			if a.h.Mode()&(StrictTransTables|StrictAllTables) != 0 {
				return nil, tooLong
			}
			a.h.Warn(tooLong)
			text = string(runes[:most])
		}
		items[i.name] = text
	}
	return items, nil
}

// diagnostics runs GET DIAGNOSTICS.
func (a *activation) diagnostics(n *diagnosticsOf) error {
	list, errors := a.h.Conditions()
	if n.stacked {
		if len(a.handled) == 0 {
			return mysqlerr.New(errNoStackedDiagnostics)
		}
		h := a.handled[len(a.handled)-1]
		list, errors = h.list, h.errors
	}
	if n.number == nil {
		for _, i := range n.items {
			v := txn.Int(int64(len(list)))
			if i.name == "ROW_COUNT" {
				v = txn.Int(a.h.RowCount())
			}
			if err := a.set(i.target, v); err != nil {
				return err
			}
		}
		return nil
	}
	v, err := a.evaluate(n.number, Local{Name: "number", Type: schemas.Type{Kind: schemas.BigInt, Length: 20}})
	if err != nil {
		return err
	}
	at := int64(0)
	if !v.IsNull() {
		at = v.Int64()
	}
	if at < 1 || at > int64(len(list)) {
		invalid := mysqlerr.New(mysql.ER_DA_INVALID_CONDITION_NUMBER)
		a.h.SetConditions(append(list[:len(list):len(list)], invalid), errors+1)
		a.h.Warn(nil)
		return nil
	}
	// MySQL numbers what a statement has raised from its error on.
	e := list[at-1]
	for _, i := range n.items {
		if err := a.set(i.target, conditionItem(e, i.name)); err != nil {
			return err
		}
	}
	return nil
}

// errNoStackedDiagnostics is ER_GET_STACKED_DA_WITHOUT_ACTIVE_HANDLER.
const errNoStackedDiagnostics = 3004

// conditionItem is one item of a condition.
func conditionItem(e *mysqlerr.Error, name string) txn.Value {
	switch name {
	case "RETURNED_SQLSTATE":
		return txn.TextString(e.State)
	case "MYSQL_ERRNO":
		return txn.Int(int64(e.Code))
	case "MESSAGE_TEXT":
		return txn.TextString(e.Message)
	}
	if text, ok := e.Items()[name]; ok {
		return txn.TextString(text)
	}
	switch name {
	case "CLASS_ORIGIN", "SUBCLASS_ORIGIN":
		if _, standard := standardClasses()[e.State[:2]]; standard && (name == "CLASS_ORIGIN" || strings.HasSuffix(e.State, "000")) {
			return txn.TextString("ISO 9075")
		}
		return txn.TextString("MySQL")
	}
	return txn.TextString("")
}

// standardClasses are the classes of SQLSTATEs that the SQL standard has.
func standardClasses() map[string]struct{} {
	m := map[string]struct{}{}
	for class := range strings.FieldsSeq("00 01 02 07 08 09 0A 0D 0E 0F 0K 0L 0M 0N 0P 0S 0T 0U 0V 0W 0X 0Y 0Z 10 20 21 22 23 24 25 26 27 28 2B 2C 2D 2E 2F 2H 30 33 34 35 36 38 39 3B 3C 3D 3F 40 42 44 45 46") {
		m[class] = struct{}{}
	}
	delete(m, "45")
	return m
}

// set stores a value of GET DIAGNOSTICS.
func (a *activation) set(t target, v txn.Value) error {
	if t.local == nil {
		a.h.SetUserVariable(t.user, v, expression.VariablePlain)
		return nil
	}
	v, err := convertFor(a.h, *t.local, v)
	if err == nil {
		a.values[t.local.Slot] = v
	}
	return err
}
