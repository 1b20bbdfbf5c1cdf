package debezium

import (
	"maps"
	"strings"
	"testing"

	"marmot/debezium/registry"
)

func TestApicuriosConverter(t *testing.T) {
	o, err := parseApicurioOptions("value", map[string]string{"apicurio.registry.url": "http://r:8080/apis/registry/v2", "apicurio.registry.as-confluent": "true",
		"apicurio.registry.use-id": "contentId", "apicurio.registry.auto-register": "true", "apicurio.registry.find-latest": "false",
		"apicurio.registry.artifact-resolver-strategy": "io.apicurio.registry.serde.avro.strategy.TopicRecordIdStrategy",
		"apicurio.auth.username":                       "anna", "apicurio.auth.password": "pass:word", "connect.meta.data": "false"})
	if err != nil {
		t.Fatal(err)
	}
	if o.registry.URLs[0].String() != "http://r:8080/apis/ccompat/v7" || string(o.registry.UserInfo) != "anna:pass:word" ||
		o.mode != registry.Register || o.strategy != topicRecordNames || !o.avro.withoutMeta {
		t.Errorf("read as %+v", o)
	}
	confluent := map[string]string{"apicurio.registry.url": "http://r/apis/ccompat/v7/", "apicurio.registry.id-handler": "io.apicurio.registry.serde.Legacy4ByteIdHandler", "apicurio.registry.use-id": "contentId"}
	if o, err = parseApicurioOptions("key", confluent); err != nil || o.mode != registry.LookUp || o.registry.URLs[0].String() != "http://r/apis/ccompat/v7" {
		t.Errorf("read as %+v, %v", o, err)
	}
	for name, value := range map[string]string{"apicurio.registry.use-id": "globalId", "apicurio.registry.id-handler": "x", "apicurio.registry.headers.enabled": "true",
		"apicurio.registry.artifact.group-id": "g", "apicurio.registry.artifact-resolver-strategy": "x", "apicurio.auth.client.secret": "hidden", "apicurio.registry.url": ""} {
		given := maps.Clone(confluent)
		given[name] = value
		if _, err := parseApicurioOptions("key", given); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s = %s: %v", name, value, err)
		}
	}
}
