package debezium

import "testing"

func TestAResetGivesSnapshotsUpAndKeepsWhatWasRead(t *testing.T) {
	for state, want := range map[string]string{
		"":              StreamingState,
		StreamingState:  StreamingState,
		`{"format":1}`:  StreamingState,
		`{"format":99}`: "",
		`{"format":1,"begun":true,"since":7,"scan":{"blocking":true},"waiting":[{"id":"x","tables":[]}],"incremental":{"id":"y","tables":null},"offsets":{"0":12}}`: `{"format":1,"begun":true,"since":7,"offsets":{"0":12}}`,
	} {
		got, err := ResetState(state)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s becomes %s, %v; want %s", state, got, err, want)
		}
	}
}
