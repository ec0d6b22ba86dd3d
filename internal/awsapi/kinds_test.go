package awsapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
)

// Kinds are what a field may be besides what a parcel has.
type kinds struct {
	Weight  int64
	Floors  *int32
	Price   *float64
	Fragile *bool
	Note    *string
	Seals   [][]byte
	Stops   []*piece
	Labels  map[string]*int64 `query:",keyed"`
}

// returning serves an action that returns what it is given, as the query protocol had it.
func returning(given *kinds) http.Handler {
	s := &awsapi.Service{Name: "kinds", Versions: []string{"1"}}
	awsapi.Register(s, "Send", func(_ context.Context, in *kinds) (*kinds, error) {
		*given = *in
		return in, nil
	})
	return awsapi.NewHandler(awsapi.Options{}, s)
}

func TestKindsOfFieldsInTheQueryProtocol(t *testing.T) {
	const form = "Action=Send&Weight=9000000000&Floors=3&Price=1.50&Fragile=false&Note=&Seals.1=AAE%3D&Seals.2=" +
		"&Stops.1.Id=s1&Stops.2.Id=s2&Labels.1.Key=k&Labels.1.Value=7&Labels.2.Key=none"
	want := kinds{
		Weight: 9_000_000_000, Floors: new(int32(3)), Price: new(1.5), Fragile: new(false), Note: new(""),
		Seals: [][]byte{{0, 1}, {}}, Stops: []*piece{{ID: "s1"}, {ID: "s2"}}, Labels: map[string]*int64{"k": new(int64(7)), "none": nil},
	}
	var got kinds
	w := serve(t, returning(&got), formRequest("/", form))
	if diff := cmp.Diff(want, got); w.Code != http.StatusOK || diff != "" {
		t.Errorf("status %d, input (-want +got):\n%s", w.Code, diff)
	}
	const xml = `<SendResult><Weight>9000000000</Weight><Floors>3</Floors><Price>1.5</Price><Fragile>false</Fragile><Note></Note>` +
		`<Seals><member>AAE=</member><member></member></Seals><Stops><member><Id>s1</Id></member><member><Id>s2</Id></member></Stops>` +
		`<Labels><Key>k</Key><Value>7</Value></Labels><Labels><Key>none</Key></Labels></SendResult>`
	if !strings.Contains(w.Body.String(), xml) {
		t.Errorf("answer %s\nwant %s", w.Body, xml)
	}
}

func TestNumbersThatAreNone(t *testing.T) {
	for _, form := range []string{"Weight=9223372036854775808", "Floors=2147483648", "Price=dear", "Fragile=perhaps", "Labels.1.Key=k&Labels.1.Value=x"} {
		w := serve(t, returning(&kinds{}), formRequest("/", "Action=Send&"+form))
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "InvalidParameterValue") {
			t.Errorf("%s: status %d: %s", form, w.Code, w.Body)
		}
	}
}

// What belongs together need not stand together, and of two with the same name
// the first counts.
func TestFieldsInAnyOrder(t *testing.T) {
	many, want := "Action=Send", &parcelInput{Text: "first", Pieces: []piece{{ID: "p2", Bytes: []byte{0, 1}}, {ID: "p10"}}, Tags: map[string]string{"a": "1", "b": ""}}
	for i := range 40 {
		many += "&Unknown" + strings.Repeat("x", i) + "=1&Text.below=1"
	}
	for name, form := range map[string]string{
		"scattered":                        "Pieces.member.10.Id=p10&Tag.2.Key=b&Text=first&Pieces.member.2.Bytes=AAE%3D&Tag.1.Value=1&Action=Send&Pieces.member.2.Id=p2&Tag.1.Key=a&Text=second",
		"in the order of a sorted encoder": "Action=Send&Pieces.member.10.Id=p10&Pieces.member.2.Bytes=AAE%3D&Pieces.member.2.Id=p2&Tag.3.Key=a&Tag.3.Value=1&Tag.7.Key=b&Text=first",
		"among many others":                many + "&Text=first&Pieces.2.Id=p2&Tag.1.Key=a&Pieces.10.Id=p10&Pieces.2.Bytes=AAE%3D&Tag.1.Value=1&Pieces.x.Id=no&Pieces.-1.Id=no&Pieces=no&Tag.2.Key=b",
	} {
		t.Run(name, func(t *testing.T) {
			var got *parcelInput
			h := awsapi.NewHandler(awsapi.Options{}, parcels(func(_ context.Context, in *parcelInput) error {
				got = in
				return nil
			}))
			if w := serve(t, h, formRequest("/", form)); w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(parcelInput{})); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
		})
	}
}

// An output that embeds an empty struct has a result, with nothing in it.
func TestEmptyResult(t *testing.T) {
	type Empty struct{}
	type result struct{ Empty }
	s := &awsapi.Service{Name: "kinds", Versions: []string{"1"}}
	awsapi.Register(s, "Send", func(context.Context, *nothing) (*result, error) { return &result{}, nil })
	w := serve(t, awsapi.NewHandler(awsapi.Options{}, s), formRequest("/", "Action=Send"))
	if !strings.Contains(w.Body.String(), "<SendResult></SendResult>") {
		t.Errorf("answer %s", w.Body)
	}
}
