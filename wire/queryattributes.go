package wire

import (
	"marmot/session"
	"marmot/txn"
)

const (
	// maxQueryAttributes bounds the attributes of one statement.
	maxQueryAttributes = maxParams
	// parameterCountAvailable is PARAMETER_COUNT_AVAILABLE, a flag of COM_STMT_EXECUTE.
	parameterCountAvailable = 8
)

// readQueryAttributes reads what precedes the text of a COM_QUERY from clients that send attributes.
func readQueryAttributes(d *decoder) ([]session.QueryAttribute, error) {
	n := d.lenenc()
	if d.lenenc() != 1 && d.err == nil { // sets of parameters
		return nil, errMalformed
	}
	if d.err != nil || n > maxQueryAttributes {
		return nil, errMalformed
	}
	if n == 0 {
		return nil, nil
	}
	nulls := d.take((int(n) + 7) / 8)
	if d.uint8() != 1 { // types always come
		return nil, errMalformed
	}
	types, names, err := readTypes(d, int(n), true)
	if err != nil {
		return nil, err
	}
	values := readValues(d, nulls, types, nil)
	if d.err != nil {
		return nil, d.err
	}
	return attributesOf(names, values), nil
}

// attributesOf joins names and values, which no longer share the packet's bytes.
func attributesOf(names []string, values []txn.Value) []session.QueryAttribute {
	list := make([]session.QueryAttribute, len(names))
	for i := range names {
		list[i] = session.QueryAttribute{Name: names[i], Value: values[i].Clone()}
	}
	return list
}

// readTypes reads the types of n parameters, and their names where the client sends them.
func readTypes(d *decoder, n int, named bool) (types []paramType, names []string, err error) {
	least := 2
	if named {
		least = 3
	}
	if n > len(d.data)/least { // no memory for what cannot be there
		return nil, nil, errMalformed
	}
	types = make([]paramType, n)
	for i := range types {
		types[i].code = d.uint8()
		types[i].unsigned = d.uint8()&0x80 != 0
		if named {
			names = append(names, string(d.lenencBytes()))
		}
	}
	return types, names, d.err
}

// readValues reads one value for each type; long[i], if there is one, came before.
func readValues(d *decoder, nulls []byte, types []paramType, long [][]byte) []txn.Value {
	values := make([]txn.Value, len(types))
	for i := range values {
		switch {
		case i < len(long) && long[i] != nil:
			values[i] = textOrBlob(types[i].code, long[i])
		case d.err != nil || nulls[i/8]&(1<<(i%8)) != 0:
		default:
			values[i] = parseParam(d, types[i])
		}
	}
	return values
}
