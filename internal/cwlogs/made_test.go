package cwlogs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/queue"
)

func TestAMadeGroupsLife(t *testing.T) {
	store := openStore(t)
	charge := cwlogs.Function{ID: chargeID, Name: chargeName}
	logs := files{chargeID: {said(noon, time.Second, "one")}}
	c := clientOver(t, store, logs, charge)
	ctx := t.Context()
	access := "/aws/vendedlogs/shop/apis/orders"
	for _, name := range []string{chargeGroup, access} {
		if _, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name, Tags: map[string]string{"app": "shop"}}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &access})
	if got := failed(t, err); got != "ResourceAlreadyExistsException: The specified log group already exists" {
		t.Error(got)
	}
	_, err = c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("a b")})
	if got := failed(t, err); got == "" {
		t.Error("a name with a space was taken")
	}
	if _, err := c.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(chargeGroup), RetentionInDays: aws.Int32(30)}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(chargeGroup), RetentionInDays: aws.Int32(31)}); failed(t, err) == "" {
		t.Error("31 days were taken")
	}

	c = clientOver(t, store, logs, charge) // a restart
	described := func() map[string]int32 {
		t.Helper()
		out, err := c.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]int32{}
		for _, g := range out.LogGroups {
			all[*g.LogGroupName] = aws.ToInt32(g.RetentionInDays)
		}
		return all
	}
	if diff := cmp.Diff(map[string]int32{chargeGroup: 30, access: 0}, described()); diff != "" {
		t.Error(diff)
	}
	events, err := c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &access})
	if err != nil || len(events.Events) != 0 {
		t.Errorf("the group of no function has %v (%v)", events, err)
	}
	tags, err := c.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(groupARN)})
	if err != nil || tags.Tags["app"] != "shop" {
		t.Errorf("tags are %v (%v)", tags, err)
	}
	for _, name := range []string{chargeGroup, access} {
		if _, err := c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]int32{chargeGroup: 0}, described()); diff != "" {
		t.Error(diff)
	}
	_, err = c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &access})
	if failed(t, err) != "ResourceNotFoundException: The specified log group does not exist." {
		t.Errorf("deleted twice: %v", err)
	}
}

func openStore(t testing.TB) *queue.Store {
	t.Helper()
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}
