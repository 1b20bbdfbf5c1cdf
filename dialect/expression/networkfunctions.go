package expression

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"marmot/txn"
)

func networkFunctions() []function {
	const group = "Miscellaneous"
	return []function{
		{names: "inet_aton", group: group, least: 1, most: 1, args: "s", traits: givesNull, result: resultUnsignedInt, run: inetToNumber},
		{names: "inet_ntoa", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultText(31), run: numberToInet},
		{names: "inet6_aton", group: group, least: 1, most: 1, args: "s", traits: givesNull, result: resultBytes(16), run: inet6ToBytes},
		{names: "inet6_ntoa", group: group, least: 1, most: 1, args: "b", traits: givesNull, result: resultText(39), run: bytesToInet6},
		{names: "is_ipv4", group: group, least: 1, most: 1, args: "s", result: resultBool, run: isAddress(netip.Addr.Is4)},
		{names: "is_ipv6", group: group, least: 1, most: 1, args: "s", result: resultBool, run: isAddress(netip.Addr.Is6)},
		{names: "is_ipv4_compat", group: group, least: 1, most: 1, args: "b", result: resultBool, run: hasPrefix(make([]byte, 12), true)},
		{names: "is_ipv4_mapped", group: group, least: 1, most: 1, args: "b", result: resultBool,
			run: hasPrefix([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, false)},
		{names: "name_const", group: group, least: 2, most: 2, build: func(a []Operand) (Operand, error) { return a[1], nil }},
	}
}

// inetToNumber is INET_ATON; like MySQL's it takes a.b.c, a.b and a too.
func inetToNumber(r *runtime, args []txn.Value) (txn.Value, error) {
	parts := bytes.Split(textOf(args[0]), []byte{'.'})
	if len(parts) > 4 {
		return txn.Null(), nil
	}
	var n int64
	for i, p := range parts {
		part, err := strconv.ParseUint(string(p), 10, 8)
		if err != nil {
			r.incorrect("string", textOf(args[0]))
			return txn.Null(), nil
		}
		if i == len(parts)-1 {
			for range 4 - len(parts) {
				n <<= 8
			}
		}
		n = n<<8 | int64(part)
	}
	return txn.Int(n), nil
}

func numberToInet(r *runtime, args []txn.Value) (txn.Value, error) {
	n := r.integer(args[0])
	if n < 0 || n > 1<<32-1 {
		return txn.Null(), nil
	}
	return txn.TextString(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()), nil
}

// parseAddress reads an IPv4 or IPv6 address. The numbers between dots may have zeros before them, up to three digits.
func parseAddress(text []byte) (netip.Addr, bool) {
	s := string(text)
	at := strings.LastIndexByte(s, ':') + 1
	if dotted := s[at:]; strings.Contains(dotted, ".") {
		parts := strings.Split(dotted, ".")
		for i, p := range parts {
			if short := strings.TrimLeft(p, "0"); short != "" {
				parts[i] = short
			} else if p != "" {
				parts[i] = "0"
			}
			if len(p) > 3 {
				return netip.Addr{}, false
			}
		}
		s = s[:at] + strings.Join(parts, ".")
	}
	a, err := netip.ParseAddr(s)
	return a, err == nil && a.Zone() == ""
}

func inet6ToBytes(r *runtime, args []txn.Value) (txn.Value, error) {
	a, ok := parseAddress(textOf(args[0]))
	if !ok {
		r.incorrect("string", textOf(args[0]))
		return txn.Null(), nil
	}
	return txn.Blob(a.AsSlice()), nil
}

func bytesToInet6(r *runtime, args []txn.Value) (txn.Value, error) {
	a, ok := netip.AddrFromSlice(textOf(args[0]))
	if !ok {
		r.incorrect("string", textOf(args[0]))
		return txn.Null(), nil
	}
	if b := a.As16(); a.Is6() && bytes.Equal(b[:12], make([]byte, 12)) && (b[12] != 0 || b[13] != 0) {
		return txn.TextString("::" + netip.AddrFrom4([4]byte(b[12:])).String()), nil
	}
	return txn.TextString(a.String()), nil
}

func isAddress(kind func(netip.Addr) bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		a, ok := parseAddress(textOf(args[0]))
		return boolValue(ok && kind(a)), nil
	}
}

// hasPrefix reports whether 16 bytes of an address begin with the prefix; large wants a last part
// above 1, which tells IPv4 from :: and ::1.
func hasPrefix(prefix []byte, large bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		b := textOf(args[0])
		ok := len(b) == 16 && bytes.HasPrefix(b, prefix)
		if ok && large {
			ok = bytesToBits(b[12:]) > 1
		}
		return boolValue(ok), nil
	}
}
