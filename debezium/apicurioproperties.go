package debezium

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// parseApicurioOptions reads the properties of io.apicurio.registry.utils.converter.AvroConverter, as far as it writes what Confluent's
// consumers read: with apicurio.registry.as-confluent and contentId. What is not Apicurio's own is read as for Confluent's
// converter, whose AvroData both have.
func parseApicurioOptions(part string, given map[string]string) (registryOptions, error) {
	as := map[string]string{"auto.register.schemas": "false"} // Apicurio's default
	confluent, content := false, false
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := strings.TrimSpace(given[name])
		var err error
		switch name {
		case "apicurio.registry.as-confluent":
			confluent, err = parseFlag(value)
		case "apicurio.registry.id-handler":
			confluent = confluent || strings.HasSuffix(value, "4ByteIdHandler")
		case "apicurio.registry.use-id":
			content = value == "contentId"
		default:
			err = apicurioProperty(as, part, name, value)
		}
		if err != nil {
			if IsSecret(name, value) {
				value = "…"
			}
			return registryOptions{}, &PropertyError{part + ".converter." + name, value, err.Error()}
		}
	}
	o, err := parseRegistryOptions(part, as)
	switch {
	case err == nil && !confluent:
		err = &PropertyError{part + ".converter.apicurio.registry.as-confluent", given["apicurio.registry.as-confluent"], "want true: messages with Apicurio's own header are not written"}
	case err == nil && !content:
		err = &PropertyError{part + ".converter.apicurio.registry.use-id", given["apicurio.registry.use-id"], "want contentId: that is the number by which Confluent's consumers ask"}
	}
	return o, err
}

// apicurioProperty puts one property under Confluent's name into as.
func apicurioProperty(as map[string]string, part, name, value string) error {
	switch name {
	case "apicurio.registry.url":
		as["schema.registry.url"] = confluentURL(value)
	case "apicurio.registry.auto-register":
		as["auto.register.schemas"] = value
	case "apicurio.registry.find-latest":
		as["use.latest.version"] = value
	case "apicurio.registry.artifact-resolver-strategy":
		strategy := map[string]string{"TopicIdStrategy": topicNames, "RecordIdStrategy": recordNames, "TopicRecordIdStrategy": topicRecordNames}[value[strings.LastIndexByte(value, '.')+1:]]
		if strategy == "" {
			return errors.New("want TopicIdStrategy, RecordIdStrategy or TopicRecordIdStrategy")
		}
		as[part+".subject.name.strategy"] = strategy
	case "apicurio.auth.username", "apicurio.auth.password":
		as["basic.auth.credentials.source"] = "USER_INFO"
		user, password, _ := strings.Cut(as["basic.auth.user.info"], ":")
		if name == "apicurio.auth.username" {
			user = value
		} else {
			password = value
		}
		as["basic.auth.user.info"] = user + ":" + password
	case "apicurio.registry.headers.enabled":
		if !strings.EqualFold(value, "false") {
			return errors.New("this release has false alone: the number of a schema stands in the message")
		}
	case "apicurio.registry.artifact.group-id":
		if value != "default" {
			return errors.New("this release has default alone: Confluent's protocol has no groups")
		}
	case "apicurio.registry.auto-register.if-exists", "apicurio.registry.check-period-ms", "apicurio.registry.retry-count", "apicurio.registry.retry-backoff-ms",
		"apicurio.registry.converter.serializer", "apicurio.registry.converter.deserializer", "apicurio.registry.serdes.json-schema.validation-enabled":
		// how often a registry is asked, and classes of Java
	default:
		if strings.HasPrefix(name, "apicurio.") {
			return fmt.Errorf("this release does not have it")
		}
		as[name] = value
	}
	return nil
}

var apicurioPath = regexp.MustCompile(`/apis/registry/v[0-9]+/?$`)

// confluentURL is the address of Apicurio's door for Confluent's clients.
func confluentURL(url string) string {
	url = strings.TrimSuffix(apicurioPath.ReplaceAllString(url, ""), "/")
	if strings.Contains(url, "/apis/ccompat/") {
		return url
	}
	return url + "/apis/ccompat/v7"
}
