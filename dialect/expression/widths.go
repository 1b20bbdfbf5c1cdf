package expression

import "marmot/schemas"

// integerWidths are the lengths that MySQL gives to the integers of functions, by the first of their names, where that is not
// longestInteger; 1 is that of a boolean.
var integerWidths = map[string]int{
	"uncompressed_length": 11, "validate_password_strength": 10, "dayofmonth": 3, "day": 3, "month": 3, "quarter": 2, "hour": 4, "minute": 3,
	"second": 3, "dayofweek": 2, "weekday": 2, "dayofyear": 4, "weekofyear": 3, "week": 3, "yearweek": 7, "to_days": 8, "time_to_sec": 10,
	"datediff": 9, "benchmark": 1, "get_lock": 1, "release_lock": 1, "is_free_lock": 1, "crc32": 10, "instr": 11, "locate": 11, "find_in_set": 11,
	"length": 11, "bit_length": 11, "char_length": 11, "ascii": 4, "coercibility": 10, "field": 11, "strcmp": 2, "interval": 2,
	"json_valid": longestInteger, "json_contains": longestInteger, "json_contains_path": longestInteger,
}

// extractWidths are those of EXTRACT, by unit.
var extractWidths = map[string]int{
	"YEAR": 5, "YEAR_MONTH": 7, "MICROSECOND": 7, "DAY_MICROSECOND": 20, "HOUR": 4, "DAY": 3, "WEEK": 3, "QUARTER": 2, "DAY_HOUR": 9,
	"DAY_MINUTE": 11, "DAY_SECOND": 13, "HOUR_MINUTE": 6, "HOUR_SECOND": 8, "MINUTE_SECOND": 5, "HOUR_MICROSECOND": 14,
	"MINUTE_MICROSECOND": 11, "SECOND_MICROSECOND": 9, "MONTH": 3, "MINUTE": 3, "SECOND": 3,
}

// ofWidth is the operand with the length of the function's integers.
func (f *function) ofWidth(o Operand) Operand {
	if width := integerWidths[f.lower()]; width > 0 && o.Type.Kind == schemas.BigInt {
		o.Type.Length = width
	}
	return o
}
