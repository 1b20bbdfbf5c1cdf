package dialect

import (
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Errors of partitions that go-mysql has other words for.
const (
	errPartitionMaxValue   = 1481 // ER_PARTITION_MAXVALUE_ERROR
	errPartitionWrongWords = 1480 // ER_PARTITION_WRONG_VALUES_ERROR
	errPartitionType       = 1659 // ER_FIELD_TYPE_NOT_ALLOWED_AS_PARTITION_FIELD
	errPartitionConstant   = 1697 // ER_VALUES_IS_NOT_INT_TYPE_ERROR
	errPartitionOfColumn   = 3855 // ER_DEPENDENT_BY_PARTITION_FUNC
	// maxPartitions is MySQL's limit, parts of partitions counted.
	maxPartitions = 8192
)

// partitioning reads PARTITION BY behind these words.
func (s *textReader) partitioning() *schemas.Partitioning {
	p := s.partitionMethod()
	if s.err != nil {
		return p
	}
	if s.accept("PARTITIONS") {
		p.Count, p.Counted = s.partitionCount(), true
	}
	if s.accept("SUBPARTITION", "BY") {
		p.Sub = s.partitionMethod()
		if s.accept("SUBPARTITIONS") {
			p.Sub.Count, p.Sub.Counted = s.partitionCount(), true
		}
	}
	if s.is("(") {
		start := s.token().start
		p.Named = true
		p.Parts = s.partitions(p)
		if p.Counted && p.Count != len(p.Parts) && s.err == nil {
			s.fail(mysqlerr.New(mysql.ER_PARSE_ERROR, "Wrong number of partitions defined, mismatch with previous setting", string(s.src[start:]), 1))
		}
	}
	return p
}

func (s *textReader) partitionCount() int {
	n := s.number()
	if s.err == nil && n == 0 {
		s.fail(mysqlerr.New(mysql.ER_NO_PARTS_ERROR, "partitions"))
	}
	return int(min(n, 1<<20))
}

// partitionMethod reads [LINEAR] HASH (…), [LINEAR] KEY (…), RANGE and LIST.
func (s *textReader) partitionMethod() *schemas.Partitioning {
	p := &schemas.Partitioning{Linear: s.accept("LINEAR")}
	p.Method = s.one("HASH", "KEY", "RANGE", "LIST")
	switch {
	case p.Method == "", p.Linear && (p.Method == "RANGE" || p.Method == "LIST"):
		s.wrong()
	case p.Method == "KEY":
		if s.accept("ALGORITHM") {
			s.expect("=")
			if n := s.number(); n == 1 {
				p.Algorithm = 1
			} else if n != 2 {
				s.wrong()
			}
		}
		p.Columns = s.columnList()
	case p.Method != "HASH" && s.accept("COLUMNS"):
		p.Method += " COLUMNS"
		p.Columns = s.columnList()
	default:
		p.Expression = s.balanced()
	}
	return p
}

// columnList reads a list of columns in parentheses, which may be empty.
func (s *textReader) columnList() []string {
	var list []string
	if s.accept("(", ")") {
		return list
	}
	s.parenthesised(func() { list = append(list, s.name()) })
	return list
}

// partitions reads ( PARTITION … ).
func (s *textReader) partitions(p *schemas.Partitioning) []schemas.Partition {
	var list []schemas.Partition
	s.parenthesised(func() { list = append(list, s.partition(p)) })
	return list
}

func (s *textReader) partition(p *schemas.Partitioning) schemas.Partition {
	s.expect("PARTITION")
	x := schemas.Partition{Name: s.name()}
	if s.accept("VALUES") {
		columns := p != nil && strings.HasSuffix(p.Method, "COLUMNS")
		switch {
		case s.accept("LESS", "THAN"):
			if p != nil && !strings.HasPrefix(p.Method, "RANGE") {
				s.fail(mysqlerr.New(errPartitionWrongWords, "RANGE", "LESS THAN"))
			}
			if s.accept("MAXVALUE") {
				x.LessThan = []string{schemas.MaxValue}
			} else {
				s.parenthesised(func() { x.LessThan = append(x.LessThan, s.partitionValue()) })
			}
		case s.accept("IN"):
			if p != nil && !strings.HasPrefix(p.Method, "LIST") {
				s.fail(mysqlerr.New(errPartitionWrongWords, "LIST", "IN"))
			}
			s.parenthesised(func() {
				if columns && len(p.Columns) > 1 || p == nil && s.row() {
					var row []string
					s.parenthesised(func() { row = append(row, s.partitionValue()) })
					x.In = append(x.In, row)
					return
				}
				x.In = append(x.In, []string{s.partitionValue()})
			})
		default:
			s.wrong()
		}
	}
	s.partitionOptions(&x)
	if s.is("(") {
		s.parenthesised(func() {
			s.expect("SUBPARTITION")
			sub := schemas.Partition{Name: s.name()}
			s.partitionOptions(&sub)
			x.Subs = append(x.Subs, sub)
		})
	}
	return x
}

// row reports whether a list of several values in parentheses follows.
func (s *textReader) row() bool {
	if !s.is("(") {
		return false
	}
	depth := 0
	for i := 0; s.ahead(i).kind != tokenEnd; i++ {
		switch s.raw(s.ahead(i)) {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return false
			}
		case ",":
			if depth == 1 {
				return true
			}
		}
	}
	return false
}

// partitionValue reads a constant and returns its text.
func (s *textReader) partitionValue() string {
	if s.accept("MAXVALUE") {
		return schemas.MaxValue
	}
	from := s.at
	for depth := 0; s.err == nil && !s.end(); s.at++ {
		if s.is("(") {
			depth++
		}
		if depth == 0 && (s.is(",") || s.is(")")) {
			break
		}
		if s.is(")") {
			depth--
		}
	}
	if s.at == from {
		s.wrong()
		return ""
	}
	return s.text(from, s.at)
}

// partitionOptions reads the options of a partition.
func (s *textReader) partitionOptions(x *schemas.Partition) {
	for s.err == nil {
		name := ""
		switch {
		case s.accept("STORAGE", "ENGINE"), s.accept("ENGINE"):
			s.accept("=")
			s.word()
			continue
		case s.accept("COMMENT"):
			s.accept("=")
			x.Comment = s.str()
			continue
		case s.accept("DATA", "DIRECTORY"), s.accept("INDEX", "DIRECTORY"):
			s.accept("=")
			s.str() // where rows lie is Marmot's business
			continue
		case s.accept("TABLESPACE"):
			s.accept("=")
			s.word()
			continue
		case s.is("MAX_ROWS"), s.is("MIN_ROWS"):
			name = s.one("MAX_ROWS", "MIN_ROWS")
		default:
			return
		}
		s.accept("=")
		x.Options = append(x.Options, schemas.Option{Name: name, Value: strconv.FormatUint(s.number(), 10)})
	}
}

// partitionNames reads a list of partitions, or ALL.
func (s *textReader) partitionNames() (names []string, all bool) {
	if s.accept("ALL") {
		return nil, true
	}
	s.commas(func() { names = append(names, s.name()) })
	return names, false
}
