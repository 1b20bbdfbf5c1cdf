package accounts

import (
	"net/netip"
	"strings"
)

// Database names and hosts are matched with _ and %, which a backslash makes plain.

// isPattern reports whether a name holds a wildcard, or an escape.
func isPattern(name string) bool { return strings.ContainsAny(name, `%_\`) }

// matches matches text with a pattern of % and _.
func matches(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, mark = p, t
			p++
			continue
		case p < len(pattern) && pattern[p] == '\\' && p+1 < len(pattern) && pattern[p+1] == text[t]:
			p, t = p+2, t+1
			continue
		case p < len(pattern) && (pattern[p] == '_' || pattern[p] == text[t] && pattern[p] != '\\'):
			p, t = p+1, t+1
			continue
		case star >= 0:
			mark++
			p, t = star+1, mark
			continue
		}
		return false
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

// specificity ranks a pattern: what has no wildcard first, then the longer its beginning without one.
func specificity(pattern string) int {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '%', '_':
			return min(i+1, 1000) // one with a wildcard at once is above none at all
		}
	}
	return 2000
}

// hostRank ranks the hosts of accounts of one user: addresses and names, then networks by their size, then patterns.
func hostRank(host string) int {
	if p, ok := network(host); ok {
		return 1000 + p.Bits()
	}
	if host == "" {
		return 0
	}
	return specificity(host)
}

// network reads address/mask or address/bits.
func network(host string) (netip.Prefix, bool) {
	base, mask, ok := strings.Cut(host, "/")
	if !ok {
		return netip.Prefix{}, false
	}
	address, err := netip.ParseAddr(base)
	if err != nil {
		return netip.Prefix{}, false
	}
	if p, err := netip.ParsePrefix(host); err == nil {
		return p.Masked(), true
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || !m.Is4() || !address.Is4() {
		return netip.Prefix{}, false
	}
	bits := 0
	for _, b := range m.As4() {
		for ; b&0x80 != 0; b <<= 1 {
			bits++
		}
		if b != 0 {
			return netip.Prefix{}, false
		}
	}
	p, err := address.Prefix(bits)
	return p, err == nil
}

// CoversHost reports whether an account's host covers a client's: its address, or localhost.
func CoversHost(pattern, host string) bool {
	pattern, host = strings.ToLower(pattern), strings.ToLower(host)
	if pattern == "" || pattern == "%" || pattern == host {
		return true
	}
	if p, ok := network(pattern); ok {
		a, err := netip.ParseAddr(host)
		return err == nil && p.Contains(a.Unmap())
	}
	if host == "localhost" && (pattern == "127.0.0.1" || pattern == "::1") {
		return true // loopback clients are all called localhost
	}
	return matches(pattern, host)
}
