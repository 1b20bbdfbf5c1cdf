package broker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// listing answers the first questions with errors, as brokers do that have not heard yet of a topic.
func listing(errs ...error) func(context.Context, ...string) (kadm.ListedOffsets, error) {
	return func(_ context.Context, topics ...string) (kadm.ListedOffsets, error) {
		listed := kadm.ListedOffset{Topic: topics[0], Offset: 7}
		if len(errs) > 0 {
			listed.Err, listed.Offset = errs[0], -1
			errs = errs[1:]
		}
		return kadm.ListedOffsets{topics[0]: {0: listed}}, nil
	}
}

func TestTheEndOfATopicThatHasJustBeenMadeIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), topicPatience)
		defer cancel()
		got, err := offsetOf(ctx, listing(kerr.UnknownTopicOrPartition, kerr.LeaderNotAvailable), "progress")
		if err != nil || got != 7 {
			t.Errorf("offset %d, %v", got, err)
		}
		got, err = offsetOf(ctx, listing(kerr.TopicAuthorizationFailed), "progress")
		if !errors.Is(err, kerr.TopicAuthorizationFailed) {
			t.Errorf("offset %d, %v", got, err)
		}
		began := time.Now()
		never := func(context.Context, ...string) (kadm.ListedOffsets, error) { return kadm.ListedOffsets{}, nil }
		if got, err = offsetOf(ctx, never, "progress"); !errors.Is(err, kerr.UnknownTopicOrPartition) || time.Since(began) > topicPatience {
			t.Errorf("offset %d, %v after %s", got, err, time.Since(began))
		}
	})
}
