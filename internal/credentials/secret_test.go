package credentials

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsAreFoundWhereTheyLie(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p.properties": "# comment\nother=1\nkafka.password = a\\=b c \nempty\ncolon: x\nblank y\n",
		"alone":        "sesame\r\n", "nothing": "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("MARMOT_TEST_SECRET", "from outside")
	file := "${file:" + filepath.Join(dir, "p.properties") + ":"
	for _, c := range []struct{ text, want, wrong string }{
		{"plain $ {x} ${vault:a:b}", "plain $ {x} ${vault:a:b}", ""},
		{file + "kafka.password}", "a=b c ", ""},
		{"<" + file + "colon}-" + file + "blank}>", "<x-y>", ""},
		{file + "empty}", "", "has no key empty"},
		{file + "absent}", "", "has no key absent"},
		{"${file:" + dir + "/none:x}", "", "no such file"},
		{"${file:" + dir + ":x}", "", "want a file"},
		{"${file:x}", "", "want a path, a colon and a key"},
		{"${directory:" + dir + ":alone}", "sesame", ""},
		{"${directory:" + dir + ":nothing}", "", "is empty"},
		{"${directory:" + dir + ":../x}", "", "name of a file"},
		{"${env:MARMOT_TEST_SECRET}", "from outside", ""},
		{"${env:MARMOT_TEST_NONE}", "", "no such environment variable"},
	} {
		got, err := Secret(c.text).Reveal()
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v, want %s", c.text, err, c.wrong)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
	if IsReference("x${env:A}") || !IsReference("${env:A}") || IsReference("${vault:A}") || !HasReference("x${env:A}") {
		t.Error("references are not told from secrets")
	}
}

func TestSecretsShowNowhere(t *testing.T) {
	s := struct{ Password Secret }{"sesame"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s.Password, "in", s)
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.Password, s.Password) + log.String() + string(encoded); strings.Contains(all, "sesame") {
		t.Error(all)
	}
}
