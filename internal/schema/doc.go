// Package schema makes JSON Schemas of Go types, by the rules of encoding/json.
//
// A type is described as it is on the wire, which depends on who writes it:
//
//   - [Encoded] is what encoding/json writes, of an event or an answer. A member
//     is required unless omitempty or omitzero can leave it out. A pointer, a map
//     and a slice are null where they are nil, unless omitempty leaves that out.
//   - [Decoded] is what a request is to be like. encoding/json takes what comes, so
//     this is what the handler counts on: a member is required unless it is a
//     pointer, or has omitempty or omitzero. A pointer may be null as well; a slice
//     or a map should not be, though null is taken for an empty one.
//
// Named structs, maps, slices and arrays are definitions, which may refer to
// themselves, and so are named strings with constants of their type, which are
// enums. Where the two directions differ for a type that is used in both, the
// decoded one has a definition of its own, with ".Input" after its name.
//
// The rules for embedded structs, tags and conflicts between names are those of
// encoding/json. What it writes in its own way is known (time.Time, json.Number,
// []byte in base64); a type with MarshalText is a string, and one with MarshalJSON
// can be anything. Comments are descriptions.
package schema
