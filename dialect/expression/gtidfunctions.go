package expression

import (
	"time"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// GTIDs is what a Session implements besides to wait for positions of the log.
type GTIDs interface {
	// WaitForExecuted is WAIT_FOR_EXECUTED_GTID_SET: 0 when the set is there, 1 after the timeout; a
	// negative timeout waits for ever.
	WaitForExecuted(set string, timeout time.Duration) (txn.Value, error)
}

// gtidFunctions are the functions on sets of GTIDs.
func gtidFunctions() []function {
	const group = "Replication"
	return []function{
		{names: "gtid_subset", group: group, least: 2, most: 2, args: "s", result: resultBool, run: gtidSubset},
		{names: "gtid_subtract", group: group, least: 2, most: 2, args: "s", result: resultText(-1), run: gtidSubtract},
		{names: "wait_for_executed_gtid_set", group: group, least: 1, most: 2, args: "sn", traits: givesNull | isVolatile, result: resultBigint, run: waitForGTIDs},
	}
}

// gtidSets reads two sets. Error 1772 for what is none.
func gtidSets(args []txn.Value) (a, b *mysql.MysqlGTIDSet, err error) {
	var sets [2]*mysql.MysqlGTIDSet
	for i := range sets {
		parsed, err := mysql.ParseMysqlGTIDSet(string(textOf(args[i])))
		set, ok := parsed.(*mysql.MysqlGTIDSet)
		if err != nil || !ok {
			return nil, nil, mysqlerr.New(mysql.ER_MALFORMED_GTID_SET_SPECIFICATION, string(textOf(args[i])))
		}
		sets[i] = set
	}
	return sets[0], sets[1], nil
}

func gtidSubset(r *runtime, args []txn.Value) (txn.Value, error) {
	a, b, err := gtidSets(args)
	if err != nil {
		return txn.Null(), err
	}
	return boolValue(b.Contain(a)), nil
}

func gtidSubtract(r *runtime, args []txn.Value) (txn.Value, error) {
	a, b, err := gtidSets(args)
	if err != nil {
		return txn.Null(), err
	}
	out := mysql.NewMysqlGTIDSet()
	for id, tags := range *a {
		for tag, intervals := range tags {
			rest := subtractIntervals(intervals, (*b)[id][tag])
			if len(rest) == 0 {
				continue
			}
			if out[id] == nil {
				out[id] = map[mysql.Tag]mysql.IntervalSlice{}
			}
			out[id][tag] = rest
		}
	}
	return txn.TextString(out.String()), nil
}

// subtractIntervals is a without b; Stop is the first number behind an interval.
func subtractIntervals(a, b mysql.IntervalSlice) mysql.IntervalSlice {
	out := a
	for _, cut := range b {
		var next mysql.IntervalSlice
		for _, have := range out {
			if have.Start < min(have.Stop, cut.Start) {
				next = append(next, mysql.Interval{Start: have.Start, Stop: min(have.Stop, cut.Start)})
			}
			if max(have.Start, cut.Stop) < have.Stop {
				next = append(next, mysql.Interval{Start: max(have.Start, cut.Stop), Stop: have.Stop})
			}
		}
		out = next
	}
	return out
}

func waitForGTIDs(r *runtime, args []txn.Value) (txn.Value, error) {
	w, ok := r.session.(GTIDs)
	if !ok {
		return txn.Null(), notHere("WAIT_FOR_EXECUTED_GTID_SET outside a session")
	}
	timeout := -time.Second
	if len(args) > 1 {
		seconds := r.float(args[1])
		if seconds < 0 {
			return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "wait_for_executed_gtid_set")
		}
		if seconds > 0 {
			timeout = time.Duration(min(seconds, maxSleep.Seconds()) * float64(time.Second))
		}
	}
	return w.WaitForExecuted(string(textOf(args[0])), timeout)
}
