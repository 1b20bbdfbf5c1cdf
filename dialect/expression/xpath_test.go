package expression

import (
	"strings"
	"testing"

	"marmot/txn"
)

// The answers are MySQL 9.7's.
func TestExtractValue(t *testing.T) {
	for _, c := range [][3]string{
		{"<a>ccc<b>ddd</b><b>eee</b></a>", "//b", "ddd eee"}, {"<a>ccc<b>ddd</b></a>", "/a", "ccc"}, {"<a><b>1</b><b>2</b></a>", "/a/b[last()]", "2"},
		{`<a><c id="x">3</c><c id="y">4</c></a>`, `/a/c[@id="y"]`, "4"}, {"<a><b>5</b></a>", "/a/b + 1", "6"}, {"<a><b>5</b></a>", "/a/b = 5", "1"},
		{"<a><![CDATA[<x>]]></a>", "/a", "<x>"}, {"<a>&lt;</a>", "/a", "&lt;"}, {"<a><b>abc</b></a>", `concat(//b,"x")`, "abcx"},
		{"<a>x</a>", "/a[", "XPATH syntax error: ''"}, {"<a>x</a>", "string(/a)", "XPATH syntax error: '(/a)'"},
	} {
		v, err := extractValue(&runtime{}, []txn.Value{txn.TextString(c[0]), txn.TextString(c[1])})
		got := string(v.Bytes())
		if err != nil {
			_, got, _ = strings.Cut(err.Error(), "): ")
		}
		if got != c[2] {
			t.Errorf("%s of %s: %s, want %s", c[1], c[0], got, c[2])
		}
	}
}

// FuzzXPath: no document and no path ends in anything but a value or an error.
func FuzzXPath(f *testing.F) {
	f.Add(`<a x="1">t<b/></a>`, "//b[1]/@x | /a/text()")
	f.Fuzz(func(t *testing.T, document, path string) {
		_, _ = extractValue(&runtime{}, []txn.Value{txn.TextString(document), txn.TextString(path)})
		_, _ = updateXML(&runtime{}, []txn.Value{txn.TextString(document), txn.TextString(path), txn.TextString("x")})
	})
}
