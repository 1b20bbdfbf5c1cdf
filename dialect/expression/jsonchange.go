package expression

import (
	"slices"

	"marmot/mysqlerr"
	"marmot/txn"
)

func jsonChangeFunctions() []function {
	const group = "JSON"
	change := func(names string, insert, replace bool) function {
		return function{names: names, group: group, least: 3, most: -1, build: jsonChangeOperand(names), run: jsonChange(names, insert, replace), traits: takesNull}
	}
	return []function{
		change("json_set", true, true), change("json_insert", true, false), change("json_replace", false, true),
		{names: "json_array_append json_append", group: group, least: 3, most: -1, build: jsonChangeOperand("json_array_append"), run: jsonArrayAppend, traits: takesNull},
		{names: "json_array_insert", group: group, least: 3, most: -1, build: jsonChangeOperand("json_array_insert"), run: jsonArrayInsert, traits: takesNull},
		{names: "json_remove", group: group, least: 2, most: -1, args: "js", result: resultJSON, run: jsonRemove},
		{names: "json_merge_preserve json_merge", group: group, least: 2, most: -1, args: "j", result: resultJSON, run: jsonMergePreserve},
		{names: "json_merge_patch", group: group, least: 2, most: -1, args: "j", traits: takesNull | givesNull, result: resultJSON, run: jsonMergePatch},
	}
}

// jsonChangeOperand is a call of a function with arguments doc, path, value, path, value, ….
func jsonChangeOperand(name string) func(args []Operand) (Operand, error) {
	return func(args []Operand) (Operand, error) {
		if len(args)%2 == 0 {
			return Operand{}, mysqlerr.New(errParameterCount, name)
		}
		out := Operand{Type: jsonType(), Coercibility: Implicit}
		sqls := make([]string, len(args))
		for i, a := range args {
			kind := byte('s')
			if i == 0 {
				kind = 'j'
			} else if i%2 == 0 {
				kind = 'v'
			}
			sql, _, err := convertArgument(kind, a)
			if err != nil {
				return out, err
			}
			sqls[i] = sql
			out.Nullable = out.Nullable || kind != 'v' && (a.Nullable || a.Param)
		}
		out.SQL = call("marmot_"+name, sqls...)
		return out, nil
	}
}

// changes runs step for each pair of path and value; NULL documents and paths give NULL.
func changes(args []txn.Value, name string, step func(root *node, p path, v *node) (*node, error)) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	root, err := document(args[0], 1, name)
	if err != nil {
		return txn.Null(), err
	}
	for i := 1; i+1 < len(args); i += 2 {
		if args[i].IsNull() {
			return txn.Null(), nil
		}
		p, err := parsePath(args[i])
		if err != nil {
			return txn.Null(), err
		}
		if p.hasWildcard() {
			return txn.Null(), mysqlerr.New(errJSONWildcard)
		}
		if root, err = step(root, p, valueNode(args[i+1])); err != nil {
			return txn.Null(), err
		}
	}
	return root.value(), nil
}

// overwrite puts v in the place of target.
func overwrite(target, v *node) { *target = *v }

func jsonChange(name string, insert, replace bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		return changes(args, name, func(root *node, p path, v *node) (*node, error) {
			if found := p.find(root, nil); len(found) > 0 {
				if replace {
					overwrite(found[0], v)
				}
				return root, nil
			}
			if insert {
				insertAt(root, p, v)
			}
			return root, nil
		})
	}
}

// insertAt adds what the path's last leg names to the value that the rest leads to, if that is there.
func insertAt(root *node, p path, v *node) {
	last := p[len(p)-1]
	parents := p[:len(p)-1].find(root, nil)
	if len(parents) == 0 {
		return
	}
	parent := parents[0]
	switch {
	case last.kind == legMember && parent.kind == jsonObject:
		parent.put(last.key, v)
	case last.kind == legCell:
		if parent.kind != jsonArray {
			wrap(parent)
		}
		if i := last.from.of(len(parent.items)); i < 0 {
			parent.items = slices.Insert(parent.items, 0, v)
		} else {
			parent.items = append(parent.items, v)
		}
	}
}

// wrap makes a value the only item of an array.
func wrap(n *node) {
	inner := *n
	*n = node{kind: jsonArray, items: []*node{&inner}}
}

func jsonArrayAppend(r *runtime, args []txn.Value) (txn.Value, error) {
	return changes(args, "json_array_append", func(root *node, p path, v *node) (*node, error) {
		if found := p.find(root, nil); len(found) > 0 {
			if found[0].kind != jsonArray {
				wrap(found[0])
			}
			found[0].items = append(found[0].items, v)
		}
		return root, nil
	})
}

func jsonArrayInsert(r *runtime, args []txn.Value) (txn.Value, error) {
	return changes(args, "json_array_insert", func(root *node, p path, v *node) (*node, error) {
		if len(p) == 0 || p[len(p)-1].kind != legCell {
			return nil, mysqlerr.New(errJSONCellPath)
		}
		found := p[:len(p)-1].find(root, nil)
		if len(found) > 0 && found[0].kind == jsonArray {
			array := found[0]
			c := p[len(p)-1].from
			i := c.of(len(array.items))
			if c.fromEnd {
				i = max(i, 0)
			}
			array.items = slices.Insert(array.items, min(i, len(array.items)), v)
		}
		return root, nil
	})
}

// errJSONCellPath is MySQL's "A path expression is not a path to a cell in an array."
const errJSONCellPath = 3165

func jsonRemove(r *runtime, args []txn.Value) (txn.Value, error) {
	root, err := document(args[0], 1, "json_remove")
	if err != nil {
		return txn.Null(), err
	}
	for _, a := range args[1:] {
		p, err := parsePath(a)
		switch {
		case err != nil:
			return txn.Null(), err
		case len(p) == 0:
			return txn.Null(), mysqlerr.New(errJSONRoot)
		case p.hasWildcard():
			return txn.Null(), mysqlerr.New(errJSONWildcard)
		}
		for _, parent := range p[:len(p)-1].find(root, nil) {
			removeFrom(parent, p[len(p)-1])
		}
	}
	return root.value(), nil
}

func removeFrom(parent *node, l leg) {
	if l.kind == legMember {
		if i, ok := findMember(parent.members, l.key); ok && parent.kind == jsonObject {
			parent.members = slices.Delete(parent.members, i, i+1)
		}
		return
	}
	if i := l.from.of(len(parent.items)); parent.kind == jsonArray && i >= 0 && i < len(parent.items) {
		parent.items = slices.Delete(parent.items, i, i+1)
	}
}

func jsonMergePreserve(r *runtime, args []txn.Value) (txn.Value, error) {
	var out *node
	for i, a := range args {
		n, err := document(a, i+1, "json_merge_preserve")
		if err != nil {
			return txn.Null(), err
		}
		if out == nil {
			out = n
		} else {
			out = mergePreserve(out, n)
		}
	}
	return out.value(), nil
}

func mergePreserve(a, b *node) *node {
	if a.kind == jsonObject && b.kind == jsonObject {
		for _, m := range b.members {
			if have := a.get(m.key); have != nil {
				a.put(m.key, mergePreserve(have.clone(), m.value))
			} else {
				a.put(m.key, m.value)
			}
		}
		return a
	}
	return &node{kind: jsonArray, items: slices.Concat(itemsOf(a), itemsOf(b))}
}

func jsonMergePatch(r *runtime, args []txn.Value) (txn.Value, error) {
	var out *node
	for i, a := range args {
		if a.IsNull() {
			out = nil
			continue
		}
		n, err := document(a, i+1, "json_merge_patch")
		switch {
		case err != nil:
			return txn.Null(), err
		case i == 0 || n.kind != jsonObject:
			out = n
		case out != nil:
			out = mergePatch(out, n)
		}
	}
	if out == nil {
		return txn.Null(), nil
	}
	return out.value(), nil
}

// mergePatch is RFC 7396.
func mergePatch(target, patch *node) *node {
	if patch.kind != jsonObject {
		return patch
	}
	if target == nil || target.kind != jsonObject {
		target = &node{kind: jsonObject}
	}
	for _, m := range patch.members {
		if m.value.kind == jsonNull {
			removeFrom(target, leg{kind: legMember, key: m.key})
			continue
		}
		target.put(m.key, mergePatch(target.get(m.key), m.value))
	}
	return target
}
