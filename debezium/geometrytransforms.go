package debezium

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const geometryName = "io.debezium.data.geometry.Geometry"

// Bits of the type in well-known binary form.
const (
	wkbHasZ    = 0x80000000
	wkbHasM    = 0x40000000
	wkbHasSRID = 0x20000000
	wkbTypes   = 0xff
)

// newSwapCoordinates is SwapGeometryCoordinates: x and y of geometries of some reference systems change places.
func newSwapCoordinates(p *propertyReader, _ func(string)) Transform {
	srids := []int64{4326, 3857, 4269}
	if p.has("srids") {
		srids = nil
		for _, text := range p.list("srids") {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				p.fail("srids", fmt.Sprintf("%q: want numbers", text))
			}
			srids = append(srids, n)
		}
	}
	return onGeometries(func(wkb []byte, srid any) ([]byte, error) {
		n, ok := srid.(int64)
		if !ok || !slices.Contains(srids, n) {
			return wkb, nil
		}
		w := wkbSwap{out: slices.Clone(wkb)}
		if err := w.geometry(0); err != nil {
			return nil, fmt.Errorf("failed to swap EWKB/WKB coordinates: %w", err)
		}
		return w.out[:w.at], nil
	})
}

// newGeometryFormat is GeometryFormatTransformer. format is the form that geometries have; they get the other one. As in Debezium an
// extended geometry takes all that follow for extended.
func newGeometryFormat(p *propertyReader, _ func(string)) Transform {
	extended := strings.EqualFold(strings.TrimSpace(p.text("format", "wkb")), "ewkb")
	return onGeometries(func(wkb []byte, srid any) ([]byte, error) {
		if len(wkb) < 5 {
			return nil, fmt.Errorf("a geometry of %d bytes", len(wkb))
		}
		order := wkbOrder(wkb[0])
		kind := order.Uint32(wkb[1:])
		has := kind&wkbHasSRID != 0
		extended = extended || has
		switch {
		case extended && has && len(wkb) >= 9:
			out := append([]byte{wkb[0]}, wkb[1:]...)
			order.PutUint32(out[1:], kind&^wkbHasSRID)
			return append(out[:5], wkb[9:]...), nil
		case extended:
			return wkb, nil
		case srid == nil:
			return nil, fmt.Errorf("cannot convert to EWKB when SRID is null")
		}
		out := make([]byte, 9, len(wkb)+4)
		out[0] = wkb[0]
		order.PutUint32(out[1:], kind|wkbHasSRID)
		order.PutUint32(out[5:], uint32(srid.(int64)))
		return append(out, wkb[5:]...), nil
	})
}

func wkbOrder(first byte) binary.ByteOrder {
	if first == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

// onGeometries changes the bytes of each geometry of a value, however deep it stands. A POINT has a type of its own.
func onGeometries(change func(wkb []byte, srid any) ([]byte, error)) Transform {
	var walk func(s *Schema, v any) (any, error)
	walk = func(s *Schema, v any) (any, error) {
		list, ok := v.([]any)
		if !ok || s.Kind == KindMap {
			return v, nil
		}
		list = slices.Clone(list)
		if s.Kind == KindStruct && s.Name == geometryName {
			return list, changeGeometry(s, list, change)
		}
		for i := range list {
			of := s.Items
			if s.Kind == KindStruct {
				of = s.Fields[i].Schema
				list[i] = Datum{of, list[i]}.orDefault() // which Java puts into each null on its way
			}
			var err error
			if list[i], err = walk(of, list[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil || m.Value.Schema.Kind != KindStruct {
			return m, true, nil
		}
		v, err := walk(m.Value.Schema, m.Value.Value)
		m.Value.Value = v
		return m, true, err
	})
}

func changeGeometry(s *Schema, row []any, change func(wkb []byte, srid any) ([]byte, error)) error {
	i, j := s.index("wkb"), s.index("srid")
	if i < 0 || j < 0 {
		return fmt.Errorf("a geometry without wkb and srid")
	}
	wkb, ok := row[i].([]byte)
	if !ok {
		return nil
	}
	changed, err := change(wkb, row[j])
	row[i] = changed
	return err
}

// wkbSwap walks through a geometry and swaps coordinates where they stand.
type wkbSwap struct {
	out   []byte
	at    int
	order binary.ByteOrder
}

// maxGeometryDepth bounds collections of collections.
const maxGeometryDepth = 100

// take returns the next n bytes.
func (w *wkbSwap) take(n int) ([]byte, error) {
	if n > len(w.out)-w.at {
		return nil, fmt.Errorf("it ends at byte %d", len(w.out))
	}
	w.at += n
	return w.out[w.at-n : w.at], nil
}

// head reads byte order and type.
func (w *wkbSwap) head() (uint32, error) {
	b, err := w.take(5)
	if err != nil {
		return 0, err
	}
	w.order = wkbOrder(b[0])
	return w.order.Uint32(b[1:]), nil
}

// geometry walks through one that may have a reference system.
func (w *wkbSwap) geometry(depth int) error {
	kind, err := w.head()
	if err != nil {
		return err
	}
	if kind&wkbHasSRID != 0 {
		if _, err := w.take(4); err != nil {
			return err
		}
	}
	size := 16
	if kind&wkbHasZ != 0 {
		size += 8
	}
	if kind&wkbHasM != 0 {
		size += 8
	}
	point := func() error { return w.point(size) }
	points := func() error { return w.each(point) }
	rings := func() error { return w.each(points) }
	sub := func(inner func() error) func() error {
		return func() error {
			outer := w.order
			_, err := w.head()
			if err == nil {
				err = inner()
			}
			w.order = outer
			return err
		}
	}
	if depth > maxGeometryDepth {
		return fmt.Errorf("it is nested too deep")
	}
	switch kind & wkbTypes {
	case 1:
		return point()
	case 2:
		return points()
	case 3:
		return rings()
	case 4:
		return w.each(sub(point))
	case 5:
		return w.each(sub(points))
	case 6:
		return w.each(sub(rings))
	case 7:
		return w.each(func() error {
			outer := w.order
			err := w.geometry(depth + 1)
			w.order = outer
			return err
		})
	}
	return fmt.Errorf("invalid geometry type: %d", kind&wkbTypes)
}

// each reads a number and so many parts.
func (w *wkbSwap) each(part func() error) error {
	b, err := w.take(4)
	if err != nil {
		return err
	}
	for range w.order.Uint32(b) {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// point swaps the first two of its numbers.
func (w *wkbSwap) point(size int) error {
	b, err := w.take(size)
	if err != nil {
		return err
	}
	var x [8]byte
	copy(x[:], b)
	copy(b, b[8:16])
	copy(b[8:], x[:])
	return nil
}
