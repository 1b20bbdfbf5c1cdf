package registry

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"marmot/internal/credentials"
)

// Options configure a Client.
type Options struct {
	URLs []*url.URL // tried in order; the user of one that has some is the user of all
	// UserInfo is user:password; empty: those of the URLs, if any.
	UserInfo  credentials.Secret
	Bearer    credentials.Secret // token
	Proxy     *url.URL
	Normalize bool // the registry compares schemas by their normal form
	TLS       TLS
}

// TLS is what a registry behind https needs.
type TLS = credentials.TLS

// ParseURLs reads addresses separated by commas.
func ParseURLs(text string) ([]*url.URL, error) {
	var list []*url.URL
	for part := range strings.SplitSeq(text, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("want addresses as http://host:port, separated by commas")
		}
		list = append(list, u)
	}
	return list, nil
}

// ParseUser reads user:password.
func ParseUser(text string) (*url.Userinfo, error) {
	name, password, ok := strings.Cut(text, ":")
	if !ok || name == "" {
		return nil, errors.New("want user:password")
	}
	return url.UserPassword(name, password), nil
}

// urls returns the addresses without user, and the user, so that no address in an error or a log tells a password.
func (o *Options) urls() (list []string, user *url.Userinfo, err error) {
	if o.UserInfo != "" {
		text, err := o.UserInfo.Reveal()
		if err == nil {
			user, err = ParseUser(text)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("basic.auth.user.info: %w", err)
		}
	}
	for _, u := range o.URLs {
		if user == nil {
			user = u.User
		}
		plain := *u
		plain.User = nil
		list = append(list, plain.String())
	}
	return list, user, nil
}
