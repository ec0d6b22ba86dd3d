package build

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// replaceBuildID overwrites the build id of an ELF program with a hash of all the
// rest: in Go's own note, and in the GNU one that the linker derives from it. Go's
// build id names what a program was made from, so that it changes with
// every comment; nothing reads it when the program runs. It is not set by the
// linker's flag, because the go command would then link again each time. Tools
// that tell programs apart by it still can.
func replaceBuildID(program []byte) error {
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("it is no program for Linux, which is what Lambda runs. Build with GOOS=linux: %w", err)
	}
	var ids [2][]byte // of a section that is missing, nothing
	for i, name := range []string{".note.go.buildid", ".note.gnu.build-id"} {
		s := f.Section(name)
		if s == nil {
			continue
		}
		if ids[i], err = description(f.ByteOrder, program, s); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		clear(ids[i])
	}
	sum := sha256.Sum256(program)
	copy(ids[0], strings.Repeat(hex.EncodeToString(sum[:]), 2)) // text, of 83 bytes
	copy(ids[1], sum[:])
	return nil
}

// description is the content of the note that a section is: sizes of name and
// description, a type, and both, each padded to four bytes.
func description(order binary.ByteOrder, program []byte, s *elf.Section) ([]byte, error) {
	const header = 12
	if s.Type != elf.SHT_NOTE || s.Offset+s.FileSize > uint64(len(program)) || s.FileSize < header {
		return nil, errors.New("it is not a note")
	}
	note := program[s.Offset : s.Offset+s.FileSize]
	name, size := uint64(order.Uint32(note)), uint64(order.Uint32(note[4:]))
	begin := header + (name+3)&^3
	if begin+size > uint64(len(note)) {
		return nil, errors.New("the note is longer than its section")
	}
	return note[begin : begin+size], nil
}
