package kafkaclient

import (
	"errors"

	"marmot/internal/settings"
)

// Keys are the settings as keys of a program below a prefix such as "log.". Inherit, if not empty, says what holds where no protocol is given.
func Keys(prefix, inherit string) []settings.Key {
	keys := make([]settings.Key, 0, len(Settings()))
	for _, s := range Settings() {
		k := settings.NewKey(prefix+s.Name, s.Default, s.Doc, settings.Text, nil)
		switch {
		case s.Name == protocolName && inherit != "":
			k.Default, k.Doc = "", s.Doc+"; empty: "+inherit
		case s.Name == allowInsecureName:
			k.Kind = settings.Boolean
		}
		if s.Secret {
			k = k.Hidden()
		}
		keys = append(keys, k)
	}
	return keys
}

// FromConfig reads the keys below a prefix, and checks that none of the brokers would get credentials in the clear.
func FromConfig(c *settings.Config, prefix string, brokers []string) (*Security, error) {
	given := map[string]Given{}
	for _, s := range Settings() {
		given[s.Name] = Given{prefix + s.Name, c.String(prefix + s.Name)}
	}
	security, err := Parse(prefix, given)
	if err == nil {
		err = security.Check(brokers)
	}
	return security, Refused(c, err)
}

// Refused makes an error of the configuration of one of its settings.
func Refused(c *settings.Config, err error) error {
	var wrong *SettingError
	if errors.As(err, &wrong) {
		return c.Refuse(wrong.Name, wrong.Value, wrong.Reason)
	}
	return err
}
