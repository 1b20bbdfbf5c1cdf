package settings

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// everyForm is a program with a key of each form.
func everyForm() *Program {
	return &Program{
		Keys: []Key{
			NewKey("text", "t", "a text", Text, nil),
			NewKey("name", "n", "a name", Text, TopicName),
			NewKey("needed", "x", "a text", Text, NotEmpty),
			NewKey("number", "5", "a number", Number, Between(1, 10)),
			NewKey("switch", "false", "a switch", Boolean, nil),
			NewKey("wait", "1s", "a time", Duration, nil),
			NewKey("size", "1KiB", "a size", Size, nil),
			NewKey("kind", "one", "a word", Text, OneOf("one", "two")),
			NewKey("listen", "127.0.0.1:1", "an address", Text, Address),
			NewKey("brokers", "", "addresses", List, nil),
			NewKey("deep.key.of.many.parts", "d", "a text", Text, nil),
		},
		EnvPrefix: "APP_", ReservedEnv: []string{"APP_SECRET", "APP_TEST_"}, Listing: "app keys", Open: []string{"open"},
	}
}

// load loads the program's configuration from a file's text, variables and flags.
func load(t *testing.T, file string, environ []string, args ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.toml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	p := everyForm()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	p.Flags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return p.Load(path, environ, flags)
}

func TestEveryKeyHasItsDefault(t *testing.T) {
	c, err := everyForm().Load("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.File != "" || c.String("text") != "t" || c.Int("number") != 5 || c.Bool("switch") || c.Duration("wait") != time.Second || c.Bytes("size") != 1024 || c.List("brokers") != nil {
		t.Errorf("defaults are read wrongly: %v", c.Effective())
	}
}

func TestFlagsGoBeforeTheEnvironmentAndThatBeforeTheFile(t *testing.T) {
	for _, tt := range []struct {
		name, file  string
		environ     []string
		args        []string
		key, want   string
		shownSource string
	}{
		{"file", "text = \"f\"", nil, nil, "text", "f", "# file "},
		{"environment", "text = \"f\"", []string{"APP_TEXT=e"}, nil, "text", "e", "# environment APP_TEXT"},
		{"flag", "text = \"f\"", []string{"APP_TEXT=e"}, []string{"--text", "g"}, "text", "g", "# flag --text"},
		{"an empty flag", "text = \"f\"", nil, []string{"--text", ""}, "text", "", "# flag --text"},
		{"an empty variable", "text = \"f\"", []string{"APP_TEXT="}, nil, "text", "", "# environment APP_TEXT"},
		{"the last variable wins", "", []string{"APP_TEXT=a", "APP_TEXT=b=c"}, nil, "text", "b=c", "# environment"},
		{"tables", "[deep.key]\n\"of.many.parts\" = \"f\"", nil, nil, "deep.key.of.many.parts", "f", "# file "},
		{"dotted", "deep.key.of.many.parts = \"f\"", nil, nil, "deep.key.of.many.parts", "f", "# file "},
		{"deep variable", "", []string{"APP_DEEP_KEY_OF_MANY_PARTS=e"}, nil, "deep.key.of.many.parts", "e", "# environment"},
		{"a number of TOML", "number = 7", nil, nil, "number", "7", "# file "},
		{"a boolean of TOML", "switch = true", nil, nil, "switch", "true", "# file "},
		{"an array of TOML", "brokers = [\"a:1\", \"b:2\"]", nil, nil, "brokers", "a:1,b:2", "# file "},
		{"no key of ours", "", []string{"APP_SECRET=x", "APP_TEST_A=y", "OTHER=z"}, nil, "text", "t", "# default"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, tt.file, tt.environ, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.String(tt.key); got != tt.want {
				t.Errorf("%s = %q, want %q", tt.key, got, tt.want)
			}
			line := slices.IndexFunc(c.Effective(), func(l string) bool { return strings.HasPrefix(l, tt.key+" ") })
			if line < 0 || !strings.Contains(c.Effective()[line], tt.shownSource) {
				t.Errorf("the source is not told: %v", c.Effective())
			}
		})
	}
}

func TestWrongFilesAndSettingsNameKeyValueSourceAndWhatIsWanted(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		environ    []string
		args       []string
		want       string
	}{
		{"unknown key", "texd = \"x\"", nil, nil, `texd = "x" (from file `},
		{"unknown key, near another", "texd = \"x\"", nil, nil, "did you mean text?"},
		{"unknown key, near none", "completely.else = 1", nil, nil, "`app keys` lists them"},
		{"unknown variable", "", []string{"APP_TEXD=x"}, nil, "APP_TEXD"},
		{"a table for a key", "[text]\nx = 1", nil, nil, "text.x"},
		{"no TOML", "text", nil, nil, "line 1"},
		{"twice", "text = \"a\"\ntext = \"b\"", nil, nil, "text"},
		{"no number", "number = \"many\"", nil, nil, `number = "many"`},
		{"a number out of range", "", []string{"APP_NUMBER=11"}, nil, "(from environment APP_NUMBER): want a number from 1 to 10"},
		{"half a number", "number = 1.5", nil, nil, "number"},
		{"no boolean", "", nil, []string{"--switch", "yes"}, "(from flag --switch): want true or false"},
		{"a size beyond all", "", nil, []string{"--size", "9999999999GiB"}, "want a size"},
		{"nothing where something is needed", "needed = \"\"", nil, nil, "must not be empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.file, tt.environ, tt.args...)
			if err == nil {
				t.Fatal("accepted")
			}
			if !errors.Is(err, ErrConfiguration) {
				t.Errorf("%q is no ErrConfiguration", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q does not say %q", err, tt.want)
			}
		})
	}
}

func TestOpenTablesKeepNamesAsWritten(t *testing.T) {
	c, err := load(t, "[open]\n\"Mask.Salt.aB\" = \"x\"\nlist = [\"a\", \"b\"]\n[open.inner]\n\"One.password\" = 1\naddress = \"http://anna:hidden@host\"\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Mask.Salt.aB": "x", "list": "a,b", "inner.One.password": "1", "inner.address": "http://anna:hidden@host"}
	if got := c.Open("open"); !maps.Equal(got, want) {
		t.Errorf("open keys are %v, want %v", got, want)
	}
	shown := strings.Join(c.Effective(), "\n")
	if !strings.Contains(shown, `open."Mask.Salt.aB"`) || strings.Contains(shown, `"1"`) || strings.Contains(shown, "hidden") || !strings.Contains(shown, "://…@host") {
		t.Errorf("shown as\n%s", shown)
	}
}

func TestFilesAreLookedForInOrder(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.toml"), filepath.Join(dir, "second.toml")
	p := everyForm()
	p.Files = []string{first, second}
	if c, err := p.Load("", nil, nil); err != nil || c.File != "" {
		t.Errorf("without a file: %q, %v", c.File, err)
	}
	for _, f := range []string{second, first} {
		if err := os.WriteFile(f, []byte("text = \""+filepath.Base(f)+"\""), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := p.Load("", nil, nil); err != nil || c.File != f || c.String("text") != filepath.Base(f) {
			t.Errorf("got %v, %v, want %s", c, err, f)
		}
	}
	if c, err := p.Load(second, nil, nil); err != nil || c.File != second {
		t.Errorf("a named file: %v", err)
	}
	if _, err := p.Load(filepath.Join(dir, "none.toml"), nil, nil); !errors.Is(err, ErrConfiguration) || !strings.Contains(err.Error(), "none.toml") {
		t.Errorf("a named file that is not there: %v", err)
	}
	if _, err := p.Load(dir, nil, nil); !errors.Is(err, ErrConfiguration) {
		t.Errorf("a directory for a file: %v", err)
	}
}

func TestValuesMayBeFilledAndBlamed(t *testing.T) {
	c, err := load(t, "brokers = \" a:1, ,b:2,\"\nsize = \"2MiB\"", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.List("brokers"); !slices.Equal(got, []string{"a:1", "b:2"}) {
		t.Errorf("list %q", got)
	}
	if c.Bytes("size") != 2<<20 {
		t.Errorf("size %d", c.Bytes("size"))
	}
	c.Fill("text", "found", "host name")
	if err := c.Bad("text", "no good"); err.Error() != `configuration key text = "found" (from host name): no good` {
		t.Errorf("got %q", err)
	}
}

// FuzzLoad: whatever a file holds, loading it ends with a configuration or an ErrConfiguration.
func FuzzLoad(f *testing.F) {
	f.Add("text = \"x\"\n[deep]\nkey.of.many.parts = 1")
	f.Add("number = [1, {a = 2}]")
	f.Add("brokers = [[[\"a\"]]]")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "app.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := everyForm().Load(path, nil, nil); err != nil && !errors.Is(err, ErrConfiguration) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestSecretsShowNowhere(t *testing.T) {
	p := everyForm()
	p.Keys = append(p.Keys, NewKey("sasl.password", "", "a secret", Text, func(v string) error {
		if v == "wrong-secret" {
			return errors.New("cannot be used")
		}
		return nil
	}).Hidden(), NewKey("sasl.password_file", "", "a file", Text, nil))
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	if p.Flags(flags); flags.Lookup("sasl.password") != nil || flags.Lookup("sasl.password_file") == nil {
		t.Error("a secret has a flag, or its file has none")
	}
	c, err := p.Load("", []string{"APP_SASL_PASSWORD=sesame", "APP_SASL_PASSWORD_FILE=/the/file"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(c.Effective(), "\n") + c.Bad("sasl.password", "no").Error() + c.Refuse("sasl.password", "sesame", "no").Error() +
		c.Refuse("open.sasl.jaas.config", "sesame", "no").Error() + c.Refuse("open.sasl.pasword", "sesame", "no").Error()
	if strings.Contains(shown, "sesame") || !strings.Contains(shown, "/the/file") || c.String("sasl.password") != "sesame" {
		t.Errorf("shown as\n%s", shown)
	}
	for _, tt := range []struct {
		file    string
		environ []string
	}{
		{"\"sasl.pasword\" = \"wrong-secret\"", nil},
		{"sasl.password = \"wrong-secret\"", nil},
		{"", []string{"APP_SASL_PASSWORD=wrong-secret"}},
		{"", []string{"APP_SASL_PASWORD=wrong-secret"}},
		{"sasl.password = \"wrong-secret", nil},
	} {
		path := filepath.Join(t.TempDir(), "app.toml")
		if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Load(path, tt.environ, nil); err == nil || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("%v: %v", tt, err)
		}
	}
}
