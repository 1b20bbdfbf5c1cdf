package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// unnamedWindow is how MySQL's messages call the window of OVER (…).
const unnamedWindow = "<unnamed window>"

// nameWindows makes the names of WINDOW known, and refuses what can't be: two of one name, circles, and what a
// window may not take from another.
func (s *scope) nameWindows(list sqlparser.NamedWindows) error {
	s.windows = map[string]*sqlparser.WindowSpecification{}
	var defined []*sqlparser.WindowDefinition
	for _, named := range list {
		for _, w := range named.Windows {
			if _, twice := s.windows[w.Name.Lowered()]; twice {
				return mysqlerr.New(errWindowTwice, w.Name.String())
			}
			s.windows[w.Name.Lowered()] = w.WindowSpec
			defined = append(defined, w)
		}
	}
	for _, w := range defined {
		if _, err := s.inherit(w.WindowSpec, w.Name.String()); err != nil {
			return err
		}
	}
	return nil
}

// over compiles OVER (…) or OVER name for a function.
func (s *scope) over(o *sqlparser.OverClause, function string) (string, error) {
	if s.inWindow != "" {
		return "", mysqlerr.New(errWindowNested, s.inWindow)
	}
	if !s.aggregates || s.inAggregate || s.clause == groupClause || s.clause == "having clause" {
		return "", mysqlerr.New(errWindowFunctionUse, strings.ToLower(function))
	}
	s.windowed = true
	spec, name := o.WindowSpec, unnamedWindow
	if spec == nil {
		var ok bool
		name = o.WindowName.String()
		if spec, ok = s.windows[o.WindowName.Lowered()]; !ok {
			return "", mysqlerr.New(errNoSuchWindow, name)
		}
	}
	s.inWindow = name
	defer func() { s.inWindow = "" }()
	text, err := s.window(spec, name)
	return "OVER (" + text + ")", err
}

// inherit gives a window's specification with what it takes from those that it names.
func (s *scope) inherit(spec *sqlparser.WindowSpecification, name string) (sqlparser.WindowSpecification, error) {
	whole := *spec
	for depth := 0; !spec.Name.IsEmpty(); depth++ {
		base, ok := s.windows[spec.Name.Lowered()]
		switch {
		case !ok:
			return whole, mysqlerr.New(errNoSuchWindow, spec.Name.String())
		case depth > len(s.windows):
			return whole, mysqlerr.New(errWindowCircularity)
		case spec.PartitionClause != nil:
			return whole, mysqlerr.New(errWindowPartition)
		case base.FrameClause != nil:
			return whole, mysqlerr.New(errWindowFrame, spec.Name.String())
		case whole.OrderClause != nil && base.OrderClause != nil:
			return whole, mysqlerr.New(errWindowOrder, name, spec.Name.String())
		case whole.OrderClause == nil:
			whole.OrderClause = base.OrderClause
		}
		if base.PartitionClause != nil {
			whole.PartitionClause = base.PartitionClause
		}
		spec = base
	}
	return whole, nil
}

// window compiles a window's specification; a named one that it builds on is written out.
func (s *scope) window(spec *sqlparser.WindowSpecification, name string) (string, error) {
	whole, err := s.inherit(spec, name)
	if err != nil {
		return "", err
	}
	var parts, keys []string
	for _, e := range whole.PartitionClause {
		o, err := s.windowKey(e, name)
		if err != nil {
			return "", err
		}
		keys = append(keys, expression.SortSQL(o))
	}
	if len(keys) > 0 {
		parts = append(parts, "PARTITION BY "+strings.Join(keys, ", "))
	}
	var order []expression.Operand
	for _, o := range whole.OrderClause {
		operand, err := s.windowKey(o.Expr, name)
		if err != nil {
			return "", err
		}
		order = append(order, operand)
	}
	frame := ""
	if whole.FrameClause != nil {
		if frame, err = s.frame(whole.FrameClause, order, name); err != nil {
			return "", err
		}
	}
	keys = nil
	for i, o := range whole.OrderClause {
		keys = append(keys, sortTerm(order[i], nil, o.Direction))
	}
	if len(keys) > 0 {
		parts = append(parts, "ORDER BY "+strings.Join(keys, ", "))
	}
	if frame != "" {
		parts = append(parts, frame)
	}
	return strings.Join(parts, " "), nil
}

func (s *scope) windowKey(e sqlparser.Expr, name string) (expression.Operand, error) {
	if _, ok := position(e); ok {
		return expression.Operand{}, mysqlerr.New(errWindowPosition, name)
	}
	return s.expr(e)
}

// frame compiles ROWS and RANGE. The key of a RANGE with distances becomes a number.
func (s *scope) frame(f *sqlparser.FrameClause, order []expression.Operand, name string) (string, error) {
	if err := frameEnds(f, name); err != nil {
		return "", err
	}
	unit := "ROWS"
	point := s.rowsPoint
	if f.Unit == sqlparser.FrameRangeType {
		unit = "RANGE"
		var err error
		if point, err = s.rangePoints(f, order, name); err != nil {
			return "", err
		}
	}
	start, err := point(f.Start, name)
	if err != nil || f.End == nil {
		return unit + " " + start, err
	}
	end, err := point(f.End, name)
	return unit + " BETWEEN " + start + " AND " + end, err
}

func frameEnds(f *sqlparser.FrameClause, name string) error {
	switch {
	case f.Start.Type == sqlparser.UnboundedFollowingType && f.End == nil:
		return syntaxError([]byte("FOLLOWING"), 0)
	case f.Start.Type == sqlparser.UnboundedFollowingType:
		return mysqlerr.New(errFrameStart, name)
	case f.End != nil && f.End.Type == sqlparser.UnboundedPrecedingType:
		return mysqlerr.New(errFrameEnd, name)
	}
	return nil
}

// plainPoint is a bound without a distance.
func plainPoint(p *sqlparser.FramePoint) string {
	switch p.Type {
	case sqlparser.CurrentRowType:
		return "CURRENT ROW"
	case sqlparser.UnboundedPrecedingType:
		return "UNBOUNDED PRECEDING"
	case sqlparser.UnboundedFollowingType:
		return "UNBOUNDED FOLLOWING"
	}
	return ""
}

func directed(p *sqlparser.FramePoint, distance string) string {
	if p.Type == sqlparser.ExprPrecedingType {
		return distance + " PRECEDING"
	}
	return distance + " FOLLOWING"
}

func (s *scope) rowsPoint(p *sqlparser.FramePoint, name string) (string, error) {
	if text := plainPoint(p); text != "" {
		return text, nil
	}
	if p.Unit != 0 {
		return "", mysqlerr.New(errRowsInterval, name)
	}
	o, err := s.expr(p.Expr)
	if err == nil && !o.Param && !o.Type.IsInteger() {
		err = mysqlerr.New(errFrameBound, name)
	}
	return directed(p, o.SQL), err
}

// rangePoints makes the key of a RANGE frame a number, and gives what compiles the bounds.
func (s *scope) rangePoints(f *sqlparser.FrameClause, order []expression.Operand, name string) (func(*sqlparser.FramePoint, string) (string, error), error) {
	var far []*sqlparser.FramePoint
	for _, p := range []*sqlparser.FramePoint{f.Start, f.End} {
		if p != nil && plainPoint(p) == "" {
			far = append(far, p)
		}
	}
	if len(far) == 0 {
		return s.rowsPoint, nil
	}
	if len(order) != 1 {
		return nil, mysqlerr.New(errRangeOrder, name)
	}
	key := &order[0]
	temporal := key.Type.IsTemporal() && key.Type.Kind != schemas.Year
	if !temporal && (key.Type.IsText() || key.Type.IsBlob() || key.Type.Kind == schemas.JSON) {
		return nil, mysqlerr.New(errRangeOrder, name)
	}
	unit, scale, err := s.rangeUnit(far, *key, temporal, name)
	if err != nil {
		return nil, err
	}
	*key = expression.RangeKey(*key, unit, scale)
	return func(p *sqlparser.FramePoint, _ string) (string, error) {
		if text := plainPoint(p); text != "" {
			return text, nil
		}
		o, err := s.expr(p.Expr)
		if err != nil {
			return "", err
		}
		distance := ""
		if p.Unit != 0 {
			distance, err = expression.RangeInterval(o, p.Unit.ToString(), name)
		} else {
			distance, err = expression.RangeOffset(*key, o, unit, scale)
		}
		return directed(p, distance), err
	}, nil
}

// rangeUnit is the unit in which a RANGE frame's key and distances are counted.
func (s *scope) rangeUnit(far []*sqlparser.FramePoint, key expression.Operand, temporal bool, name string) (unit expression.RangeUnit, scale int, err error) {
	scaled := key.Type.Kind == schemas.Decimal
	scale = key.Type.Decimals
	for i, p := range far {
		switch {
		case temporal && p.Unit == 0:
			return unit, 0, mysqlerr.New(errRangeTemporal, name)
		case !temporal && p.Unit != 0:
			return unit, 0, mysqlerr.New(errRangeNumeric, name)
		case temporal:
			u, err := expression.IntervalUnit(p.Unit.ToString())
			if err != nil {
				return unit, 0, err
			}
			if i > 0 && u != unit {
				return unit, 0, unsupported("RANGE with INTERVAL of months and of days")
			}
			unit = u
			continue
		}
		o, err := s.expr(p.Expr)
		if err != nil {
			return unit, 0, err
		}
		if o.Type.Kind == schemas.Decimal {
			scaled = scaled || key.Type.IsInteger()
			scale = max(scale, o.Type.Decimals)
		}
	}
	if scaled {
		unit = expression.RangeScaled
	}
	if key.Type.Kind == schemas.Double || key.Type.Kind == schemas.Float {
		return expression.RangeNumber, 0, nil
	}
	return unit, max(scale, 0), nil
}
