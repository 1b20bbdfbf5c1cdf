package debezium

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// newPartitionRouting is PartitionRouting: a partition by the hashes of fields.
func newPartitionRouting(p *propertyReader, _ func(string)) Transform {
	const listed, number = "partition.payload.fields", "partition.topic.num"
	p.required(listed)
	p.required(number)
	paths, partitions := p.list(listed), p.number(number, 1)
	if partitions < 1 {
		p.fail(number, "want a positive number")
	}
	hash := javaHashOf
	if strings.EqualFold(strings.TrimSpace(p.text("partition.hash.function", "java")), "murmur") {
		hash = murmurHashOf
	}
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil || !m.isEnvelope() {
			return m, true, nil
		}
		op, _, err := m.Value.text("op")
		if err != nil || op == "t" || op == "m" {
			return m, true, err
		}
		sum, found := uint32(0), false
		for _, path := range paths {
			d, ok, err := routedField(m.Value, path, op)
			if err != nil {
				return m, false, err
			}
			if !ok {
				continue
			}
			h, err := hash(d)
			if err != nil {
				return m, false, fmt.Errorf("field %s: %w", path, err)
			}
			sum, found = sum+h, true
		}
		if !found {
			return m, true, nil
		}
		if sum &= math.MaxInt32; sum == math.MaxInt32 {
			sum = 0
		}
		m.Partition = int32(sum % uint32(partitions))
		return m, true, nil
	})
}

// routedField finds a field that is not null; change stands for the row that there is. A struct on the way that is null is an error.
func routedField(d Datum, path, op string) (Datum, bool, error) {
	steps := strings.Split(path, ".")
	for i, step := range steps {
		step = strings.TrimSpace(step)
		last := i == len(steps)-1
		if !last && step == "change" {
			step = "after"
			if op == "d" {
				step = "before"
			}
		}
		if d.Value == nil {
			return d, false, fmt.Errorf("unprocessable message: %s of field %s is null", steps[i-1], path)
		}
		if d.Schema.Kind != KindStruct {
			return d, false, nil
		}
		f, ok := d.get(step)
		if !ok {
			return d, false, nil
		}
		f.Value = f.orDefault()
		d = f
	}
	return d, d.Value != nil, nil
}

// javaHashOf is Object.hashCode of a value as Java's classes have it.
func javaHashOf(d Datum) (uint32, error) {
	long := func(n int64) uint32 { return uint32(n) ^ uint32(uint64(n)>>32) }
	switch v := d.Value.(type) {
	case bool:
		if v {
			return 1231, nil
		}
		return 1237, nil
	case int64:
		if ms, ok := connectMillis(d.Schema, v); ok {
			return long(ms), nil
		}
		if d.Schema.Kind == KindInt64 {
			return long(v), nil
		}
		return uint32(v), nil
	case float32:
		if v != v {
			return 0x7fc00000, nil
		}
		return math.Float32bits(v), nil
	case float64:
		if v != v {
			return 0x7ff80000, nil
		}
		return long(int64(math.Float64bits(v))), nil
	case string:
		return javaHash(v), nil
	case []byte:
		if d.Schema.Name == decimalName {
			return decimalHash(d.Schema, v), nil
		}
		h := uint32(1) // ByteBuffer's
		for i := len(v) - 1; i >= 0; i-- {
			h = 31*h + uint32(int8(v[i]))
		}
		return h, nil
	}
	return 0, fmt.Errorf("a value of type %s has no hash that is the same everywhere", d.Schema.Kind)
}

// decimalHash is BigDecimal.hashCode.
func decimalHash(s *Schema, unscaled []byte) uint32 {
	scale, _ := strconv.Atoi(s.parameter("scale", "0")) // the encoder wrote it
	n := new(big.Int).SetBytes(unscaled)
	if len(unscaled) > 0 && unscaled[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(unscaled))))
	}
	magnitude := new(big.Int).Abs(n)
	if n.IsInt64() && n.Int64() != math.MinInt64 { // the compact form
		m := magnitude.Uint64()
		h := uint32(m>>32)*31 + uint32(m)
		if n.Sign() < 0 {
			h = -h
		}
		return 31*h + uint32(scale)
	}
	h := uint32(0)
	digits := magnitude.Bytes()
	for len(digits)%4 != 0 {
		digits = append([]byte{0}, digits...)
	}
	for i := 0; i < len(digits); i += 4 {
		h = 31*h + uint32(digits[i])<<24 + uint32(digits[i+1])<<16 + uint32(digits[i+2])<<8 + uint32(digits[i+3])
	}
	if n.Sign() < 0 {
		h = -h
	}
	return 31*h + uint32(scale)
}

// murmurHashOf is Debezium's MurmurHash3: of the bytes of a text, and of hashCode of all else.
func murmurHashOf(d Datum) (uint32, error) {
	if text, ok := d.Value.(string); ok {
		return murmur([]byte(text)), nil
	}
	h, err := javaHashOf(d)
	return murmur([]byte{byte(h), byte(h >> 8), byte(h >> 16), byte(h >> 24)}), err
}

// murmurState is the hash on its way.
type murmurState struct{ h1, h2, k1, k2, c1, c2 uint64 }

func (s *murmurState) mix() {
	s.h1 ^= bits.RotateLeft64(s.k1*s.c1, 23) * s.c2
	s.h1 += s.h2
	s.h2 = bits.RotateLeft64(s.h2, 41)
	s.h2 ^= bits.RotateLeft64(s.k2*s.c2, 23) * s.c1
	s.h2 += s.h1
	s.h1 = s.h1*3 + 0x52dce729
	s.h2 = s.h2*3 + 0x38495ab5
	s.c1 = s.c1*5 + 0x7b7d159c
	s.c2 = s.c2*5 + 0x6bce6396
}

// murmur is the upper half of MurmurHash3_x64_64 with the seed 9001. The last bytes, of a block that is not whole, count with their signs.
func murmur(key []byte) uint32 {
	s := murmurState{h1: 0x9368e53c2f6af274 ^ 9001, h2: 0x586dcd208f7cd3fd ^ 9001, c1: 0x87c37b91114253d5, c2: 0x4cf5ad432745937f}
	rest := key
	for ; len(rest) >= 16; rest = rest[16:] {
		s.k1, s.k2 = 0, 0
		for i := range 8 {
			s.k1 |= uint64(rest[i]) << (8 * i)
			s.k2 |= uint64(rest[8+i]) << (8 * i)
		}
		s.mix()
	}
	s.k1, s.k2 = 0, 0
	for i, b := range rest {
		signed := uint64(int64(int8(b)))
		if i < 8 {
			s.k1 ^= signed << (8 * i)
		} else {
			s.k2 ^= signed << (8 * (i - 8))
		}
	}
	if len(rest) > 0 {
		s.mix()
	}
	s.h2 ^= uint64(len(key))
	s.h1 += s.h2
	s.h2 += s.h1
	final := func(k uint64) uint64 {
		k = (k ^ k>>33) * 0xff51afd7ed558ccd
		k = (k ^ k>>33) * 0xc4ceb9fe1a85ec53
		return k ^ k>>33
	}
	s.h1, s.h2 = final(s.h1), final(s.h2)
	return uint32((s.h1 + s.h2) >> 32)
}
