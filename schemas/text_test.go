package schemas

import "testing"

func TestNumbersOfManyDigitsArePrintedAsByMySQL(t *testing.T) {
	for _, c := range []struct {
		decimals int
		f        float64
		want     string
	}{
		{0, 12345678901234567890, "12345678901234567000"},
		{0, 1e20, "100000000000000000000"},
		{0, 9007199254740993, "9007199254740992"},
		{5, 1234567890123456.78901, "1234567890123456.80000"},
		{5, 1e22, "10000000000000000000000.00000"},
		{5, 0.1, "0.10000"},
		{3, 12345678901234567.125, "12345678901234568.000"},
		{3, -123456789012345.678, "-123456789012345.670"},
		{2, -0.005, "-0.01"},
	} {
		if got := string(AppendFloat(nil, Type{Kind: Double, Length: 30, Decimals: c.decimals}, c.f)); got != c.want {
			t.Errorf("%g with %d digits is %s, want %s", c.f, c.decimals, got, c.want)
		}
	}
}
