package debezium

import (
	"fmt"
	"strconv"
)

// maskedValue is what MaskField writes in place of a value that is not null.
func maskedValue(s *Schema, replacement string) (any, error) {
	switch s.Kind {
	case KindString:
		return replacement, nil
	case KindInt8, KindInt16, KindInt32, KindInt64:
		if replacement == "" {
			return int64(0), nil
		}
		n, err := strconv.ParseInt(replacement, 10, map[Kind]int{KindInt8: 8, KindInt16: 16, KindInt32: 32, KindInt64: 64}[s.Kind])
		return n, err
	case KindFloat32:
		if replacement == "" {
			return float32(0), nil
		}
		f, err := strconv.ParseFloat(replacement, 32)
		return float32(f), err
	case KindFloat64:
		if replacement == "" {
			return float64(0), nil
		}
		return strconv.ParseFloat(replacement, 64)
	case KindBoolean:
		if replacement == "" {
			return false, nil
		}
	case KindArray:
		if replacement == "" {
			return []any{}, nil
		}
	}
	return nil, fmt.Errorf("cannot mask values of type %s", s.Kind)
}
