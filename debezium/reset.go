package debezium

// ResetState is the State of an emission that goes on at another position: snapshots that were under way or waited are given up, and none is
// begun; signals that were read from their topic stay read, and definitions known as a snapshot has read them.
func ResetState(state string) (string, error) {
	old, err := decodeState(state)
	if err != nil {
		return "", err
	}
	s := emissionState{Format: stateFormat, Begun: true, Silent: old.Silent, Offsets: old.Offsets, Since: old.Since, Known: old.Known}
	return s.encode()
}
