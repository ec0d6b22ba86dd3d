// Package wire has types of every kind, whose values tests write with
// encoding/json and compare with what is said of the types.
package wire

import (
	"encoding/json"
	"strconv"
	"time"
)

// An Event has a field of every kind.
type Event struct {
	Base
	*Optional
	Text      string            `json:"text"`
	Flag      bool              `json:"flag,omitempty"`
	Number    int               `json:"number"`
	Small     int8              `json:"small,omitempty"`
	Unsigned  uint16            `json:"unsigned"`
	Float     float32           `json:"float"`
	Pointer   *int              `json:"pointer"`
	Left      *string           `json:"left,omitempty"`
	List      []string          `json:"list"`
	Lists     [][]int           `json:"lists"`
	NoList    []Inner           `json:"no_list,omitempty"`
	ToList    *[]int            `json:"to_list,omitempty"`
	Fixed     [2]bool           `json:"fixed"`
	Bytes     []byte            `json:"bytes"`
	ByteArray [3]byte           `json:"byte_array"`
	Map       map[string]Inner  `json:"map"`
	ByNumber  map[int8]*Inner   `json:"by_number,omitempty"`
	ByCode    map[Code]int      `json:"by_code,omitzero"`
	Code      Code              `json:"code"`
	CodeAt    *Code             `json:"code_at"`
	Time      time.Time         `json:"time"`
	ZeroTime  time.Time         `json:"zero_time,omitzero"`
	TimeAt    *time.Time        `json:"time_at,omitempty"`
	Wait      time.Duration     `json:"wait"`
	Raw       json.RawMessage   `json:"raw"`
	Any       any               `json:"any"`
	Quoted    int64             `json:"quoted,string"`
	QuotedF   float64           `json:"quoted_f,string"`
	QuotedB   *bool             `json:"quoted_b,string"`
	QuotedS   string            `json:"quoted_s,string"`
	Own       Own               `json:"own"`
	Tree      Tree              `json:"tree"`
	Next      *Event            `json:"next,omitempty"`
	Page      Page[Inner]       `json:"page"`
	Inline    struct{ X *Code } `json:"inline"`
	Zero      Inner             `json:"zero,omitzero"`
	Func      func()            `json:"-"`
	Embedded  Embedded          `json:"embedded"`
}

// Base is embedded.
type Base struct {
	ID   string `json:"id"`
	Text int    `json:"text"` // hidden by Event's
}

// Optional is embedded by pointer.
type Optional struct {
	Maybe string `json:"maybe"`
}

// An Inner is a struct in a struct.
type Inner struct {
	A string   `json:"a"`
	B []string `json:"b"`
}

// A Page is generic.
type Page[T any] struct {
	Items []T      `json:"items"`
	Next  *Page[T] `json:"next"`
}

// A Tree is recursive without a struct.
type Tree map[string]Tree

// A Code is text.
type Code uint8

// MarshalText makes it text.
func (c Code) MarshalText() ([]byte, error) { return []byte("code " + strconv.Itoa(int(c))), nil }

// An Own writes its JSON itself.
type Own int

// MarshalJSON writes a list.
func (o Own) MarshalJSON() ([]byte, error) { return []byte("[" + strconv.Itoa(int(o)) + "]"), nil }

// Embedded has every conflict between names that encoding/json resolves.
type Embedded struct {
	First
	Second
	*Third
	Diamond1
	Diamond2
	Word
	*Number
	word2
	private
	Named `json:"named"`
	Loop  *Embedded
	Y     int `json:",omitempty"`
	Space int `json:"with space"`
}

type (
	// First and Second have a name in common, which neither keeps.
	First struct {
		Common int
		Tag    int // Second's has a tag and wins
	}
	// Second is beside First.
	Second struct {
		Common int
		Tagged int `json:"Tag"`
	}
	// Third is embedded by pointer, and loses against what is less deep.
	Third struct {
		Y    string
		Deep Inner `json:"deep"`
	}
	// Diamond1 and Diamond2 embed the same, whose names annihilate each other.
	Diamond1 struct{ Shared }
	// Diamond2 is the other side.
	Diamond2 struct{ Shared }
	// Shared is in both.
	Shared struct {
		InBoth int
	}
	// Word is no struct, so it is a field.
	Word string
	// Number is embedded by pointer.
	Number int
	word2  string
	// Named has a name of its own.
	Named   struct{ A int }
	private struct {
		Public int
		hidden int
	}
)

// Hidden uses what is not exported, which encoding/json leaves out.
func (e Embedded) Hidden() any { return []any{e.word2, e.hidden} }
