package sqlite

/*
#include "marmot.h"
#include <stdlib.h>
*/
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime/cgo"
	"runtime/debug"
	"strings"
	"unsafe"

	"marmot/sqlext"
	"marmot/txn"
)

// Phases of an aggregate, as extension.c numbers them.
const (
	phaseStep    = 1
	phaseInverse = 2
	phaseValue   = 3
	phaseFinal   = 4
)

const maxFunctionDepth = 200 // functions that run statements that call functions …

var errFunctionDepth = errors.New("functions call each other too deeply")

// extensions are the Go functions of a connection and what they need while they run.
type extensions struct {
	functions  []sqlext.Function
	aggregates []sqlext.Aggregate
	collations []sqlext.Collation
	state      any

	extensionMemory []unsafe.Pointer // C structs that SQLite points to
	arguments       [][]txn.Value    // by depth of nesting
	depth           int
	groups          []group // running aggregates, by slot-1
	freeSlots       []int64

	cause    error // of the function that failed first in this statement
	panicked error // a collation cannot fail; its panic waits here for the end of the batch
}

// group is a running aggregate.
type group struct {
	accumulator sqlext.Accumulator
	failed      bool
}

func (x *extensions) register(c *Conn, set sqlext.Set) error {
	if err := x.registerFunctions(c, set); err != nil {
		return err
	}
	if len(set.Collations) == 0 {
		return nil
	}
	x.collations = append(x.collations, set.Collations...)
	if rc := C.marmot_collations_when_needed(c.c); rc != 0 {
		return fmt.Errorf("register collations: %w", c.failure(rc))
	}
	return nil
}

// registerFunctions hands all functions and aggregates to SQLite at once: there are hundreds, and each call into C has its price.
func (x *extensions) registerFunctions(c *Conn, set sqlext.Set) error {
	n := len(set.Functions) + len(set.Aggregates)
	if n == 0 {
		return nil
	}
	block := C.marmot_alloc(C.int64_t(n) * C.int64_t(unsafe.Sizeof(C.MarmotExtension{})))
	if block == nil {
		return c.failure(codeNoMemory)
	}
	x.extensionMemory = append(x.extensionMemory, block)
	list := unsafe.Slice((*C.MarmotExtension)(block), n)
	var names []byte
	arities, kinds := make([]C.int32_t, n), make([]C.uint8_t, n)
	for i, f := range set.Functions {
		list[i].index = C.int(len(x.functions) + i)
		names = append(append(names, f.Name...), 0)
		arities[i] = C.int32_t(f.Arity)
		if f.Deterministic {
			kinds[i] = C.MARMOT_DETERMINISTIC
		}
	}
	for i, a := range set.Aggregates {
		at := len(set.Functions) + i
		list[at].index = C.int(len(x.aggregates) + i)
		names = append(append(names, a.Name...), 0)
		arities[at], kinds[at] = C.int32_t(a.Arity), C.MARMOT_AGGREGATE
	}
	x.functions, x.aggregates = append(x.functions, set.Functions...), append(x.aggregates, set.Aggregates...)
	var failed C.int
	rc := C.marmot_create_extensions(c.c, &list[0], C.int(n), (*C.char)(unsafe.Pointer(&names[0])), &arities[0], &kinds[0], &failed)
	if rc != 0 {
		return fmt.Errorf("register function %s: %w", bytes.Split(names, []byte{0})[failed], c.failure(rc))
	}
	return nil
}

//export marmot_go_collation_needed
func marmot_go_collation_needed(handle C.uintptr_t, name *C.char) {
	c := cgo.Handle(handle).Value().(*Conn)
	wanted := C.GoString(name)
	for i := range c.extend.collations {
		if strings.EqualFold(c.extend.collations[i].Name, wanted) {
			c.extend.registerCollation(c, i)
			return
		}
	}
}

// registerCollation gives SQLite the collation of that number. Without memory SQLite goes on without it: the statement that needs it fails.
func (x *extensions) registerCollation(c *Conn, index int) {
	collation := &x.collations[index]
	e := (*C.MarmotCollation)(C.marmot_alloc(C.int64_t(unsafe.Sizeof(C.MarmotCollation{}))))
	if e == nil {
		return
	}
	x.extensionMemory = append(x.extensionMemory, unsafe.Pointer(e))
	e.conn, e.index = c.c, C.int(index)
	if collation.PadSpace {
		e.pad_space = 1
	}
	if collation.ASCIIWeights != nil {
		e.has_weights = 1
		for i, w := range collation.ASCIIWeights {
			e.weights[i] = C.uint16_t(w)
		}
	}
	name := C.CString(collation.Name)
	defer C.free(unsafe.Pointer(name))
	C.marmot_create_collation(c.c, e, name)
}

// free gives back the C structs; the connection must be closed.
func (x *extensions) free() {
	for _, p := range x.extensionMemory {
		C.marmot_free(p)
	}
	x.extensionMemory, x.groups, x.freeSlots = nil, nil, nil
}

// takeCause returns the error that a function returned during the statement that failed.
func (x *extensions) takeCause() error {
	err := x.cause
	x.cause = nil
	return err
}

func (x *extensions) dropCause() { x.cause, x.panicked = nil, nil }

func (x *extensions) takePanic() error {
	err := x.panicked
	x.panicked = nil
	return err
}

// fail notes the first error of a statement and returns its text for SQLite.
// Only the first counts: SQLite may call more functions while it gives the statement up.
func (x *extensions) fail(r *C.MarmotResult, err error) {
	if x.cause == nil {
		x.cause = err
	}
	giveBytes(r, -1, []byte(err.Error()))
}

// give hands a result to SQLite.
func give(r *C.MarmotResult, v txn.Value) {
	kind := v.Kind()
	switch kind {
	case txn.KindText, txn.KindBlob:
		giveBytes(r, C.int32_t(kind), v.Bytes())
		return
	case txn.KindInteger:
		r.number = C.int64_t(v.Int64())
	case txn.KindReal:
		r.number = C.int64_t(math.Float64bits(v.Float64()))
	}
	r.kind = C.int32_t(kind)
}

// giveBytes copies b into the result's own memory, where SQLite takes it from.
func giveBytes(r *C.MarmotResult, kind C.int32_t, b []byte) {
	r.kind, r.bytes.n = kind, 0
	if int64(len(b)) > int64(r.bytes.cap) && C.marmot_reserve(&r.bytes, C.int64_t(len(b))) == nil {
		r.kind, b = -1, []byte("out of memory")
	}
	copy(unsafe.Slice((*byte)(r.bytes.data), int(r.bytes.cap)), b)
	r.bytes.n = C.int64_t(len(b))
}

// enter converts the arguments of a call into values over SQLite's memory.
func (x *extensions) enter(n C.int, arguments *C.MarmotArgument) []txn.Value {
	if x.depth == len(x.arguments) {
		x.arguments = append(x.arguments, make([]txn.Value, 0, 8))
	}
	values := x.arguments[x.depth][:0]
	for _, a := range unsafe.Slice(arguments, int(n)) {
		switch a.kind {
		case C.SQLITE_INTEGER:
			values = append(values, txn.Int(int64(a.number)))
		case C.SQLITE_FLOAT:
			values = append(values, txn.Real(math.Float64frombits(uint64(a.number))))
		case C.SQLITE_TEXT:
			values = append(values, txn.Text(unsafe.Slice((*byte)(a.data), int(a.size))))
		case C.SQLITE_BLOB:
			values = append(values, txn.Blob(unsafe.Slice((*byte)(a.data), int(a.size))))
		default:
			values = append(values, txn.Null())
		}
	}
	x.arguments[x.depth] = values
	x.depth++
	return values
}

// leave ends a call; a panic in it becomes an error.
func (x *extensions) leave(kind, name string, r *C.MarmotResult) {
	x.depth--
	if p := recover(); p != nil {
		x.fail(r, panicError(kind, name, p))
	}
}

func panicError(kind, name string, p any) error {
	return fmt.Errorf("panic in SQL %s %s: %v\n%s", kind, name, p, debug.Stack())
}

//export marmot_go_function
func marmot_go_function(handle C.uintptr_t, index, n C.int, arguments *C.MarmotArgument, r *C.MarmotResult) {
	c := cgo.Handle(handle).Value().(*Conn)
	x := &c.extend
	f := &x.functions[index]
	if x.depth >= maxFunctionDepth {
		x.fail(r, errFunctionDepth)
		return
	}
	values := x.enter(n, arguments)
	defer x.leave("function", f.Name, r)
	var v txn.Value
	var err error
	if f.Call != nil {
		v, err = f.Call(values)
	} else {
		v, err = f.CallState(x.state, values)
	}
	if err != nil {
		x.fail(r, err)
		return
	}
	give(r, v)
}

//export marmot_go_aggregate
func marmot_go_aggregate(handle C.uintptr_t, index, phase C.int, slot *C.int64_t, n C.int, arguments *C.MarmotArgument, r *C.MarmotResult) {
	c := cgo.Handle(handle).Value().(*Conn)
	x := &c.extend
	a := &x.aggregates[index]
	r.kind = C.int32_t(txn.KindNull)
	values := x.enter(n, arguments)
	defer x.leave("aggregate", a.Name, r)
	if *slot == 0 {
		*slot = C.int64_t(x.newGroup(a))
	}
	number := int64(*slot)
	if phase == phaseFinal {
		defer x.endGroup(number)
	}
	if err := x.aggregate(number, int(phase), values, r); err != nil {
		x.groups[number-1].failed = true
		x.fail(r, err)
	}
}

// aggregate does one phase of a running aggregate. One that has failed is left alone.
func (x *extensions) aggregate(slot int64, phase int, values []txn.Value, r *C.MarmotResult) error {
	g := x.groups[slot-1]
	if g.failed {
		return nil
	}
	switch phase {
	case phaseStep:
		return g.accumulator.Step(values)
	case phaseInverse:
		return g.accumulator.Inverse(values)
	}
	v, err := g.accumulator.Value()
	if err == nil {
		give(r, v)
	}
	return err
}

func (x *extensions) newGroup(a *sqlext.Aggregate) int64 {
	if n := len(x.freeSlots); n > 0 {
		slot := x.freeSlots[n-1]
		x.freeSlots = x.freeSlots[:n-1]
		x.groups[slot-1] = group{accumulator: a.New()}
		return slot
	}
	x.groups = append(x.groups, group{accumulator: a.New()})
	return int64(len(x.groups))
}

func (x *extensions) endGroup(slot int64) {
	x.groups[slot-1] = group{}
	x.freeSlots = append(x.freeSlots, slot)
}

//export marmot_go_compare
func marmot_go_compare(handle C.uintptr_t, index, na C.int, a unsafe.Pointer, nb C.int, b unsafe.Pointer) (order C.int) {
	c := cgo.Handle(handle).Value().(*Conn)
	collation := &c.extend.collations[index]
	defer func() {
		if p := recover(); p != nil && c.extend.panicked == nil {
			c.extend.panicked = panicError("collation", collation.Name, p)
		}
	}()
	return C.int(collation.Compare(unsafe.Slice((*byte)(a), int(na)), unsafe.Slice((*byte)(b), int(nb))))
}

//export marmot_go_progress
func marmot_go_progress(handle C.uintptr_t) (stop C.int) {
	c := cgo.Handle(handle).Value().(*Conn)
	if c.progress == nil {
		return 0
	}
	defer func() {
		if p := recover(); p != nil {
			c.extend.cause = panicError("progress function", "", p)
			stop = 1
		}
	}()
	if c.progress() {
		return 1
	}
	return 0
}
