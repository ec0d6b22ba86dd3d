package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"github.com/ncruces/go-sqlite3"
)

// A logMark remembers, in a small file beside the database, how much of its
// write-ahead log has been acknowledged.
//
// SQLite reads a log until the first frame that is not as it was written, and
// takes that for the end: it cannot tell a transaction that the power cut short,
// which nobody was told of, from an old one that a bad disk has changed, after which
// every later one would be lost in silence. The mark can. It is written after the
// sync and not synced itself, so after a loss of power it may say less than is
// true, and never more.
type logMark struct {
	path, log       string
	file, logReader *os.File // nil before they are needed
}

const (
	markSuffix = "-mark"
	logSuffix  = "-wal"
	markMagic  = 0x4c4d524b // "LMRK"
	markSize   = 20
)

// A logPosition is a place in a log: that many frames of the one with this salt,
// which changes whenever the log begins anew. The zero value is no log.
type logPosition struct {
	salt   uint64
	frames uint32
}

// readLogMark returns what the mark in path says, and false where nobody has written
// one, or its writing was cut short.
func readLogMark(path string) (says logPosition, exists bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return logPosition{}, false, nil
	}
	if err != nil {
		return logPosition{}, false, err
	}
	if len(b) != markSize || binary.BigEndian.Uint32(b) != markMagic || crc32.Checksum(b[:16], castagnoli) != binary.BigEndian.Uint32(b[16:]) {
		return logPosition{}, false, nil
	}
	return logPosition{binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b[4:])}, true, nil
}

// acknowledged notes that the first frames of the log are on disk.
func (m *logMark) acknowledged(frames int) error {
	if m.logReader == nil {
		f, err := os.Open(m.log)
		if err != nil {
			return err
		}
		m.logReader = f
	}
	var salt [8]byte
	if _, err := m.logReader.ReadAt(salt[:], 16); err != nil {
		return fmt.Errorf("read %s: %w", m.log, err)
	}
	return m.write(logPosition{binary.BigEndian.Uint64(salt[:]), uint32(frames)})
}

func (m *logMark) write(p logPosition) error {
	if m.file == nil {
		f, err := os.OpenFile(m.path, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		m.file = f
	}
	var b [markSize]byte
	binary.BigEndian.PutUint32(b[:], markMagic)
	binary.BigEndian.PutUint32(b[4:], p.frames)
	binary.BigEndian.PutUint64(b[8:], p.salt)
	binary.BigEndian.PutUint32(b[16:], crc32.Checksum(b[:16], castagnoli))
	_, err := m.file.WriteAt(b[:], 0)
	return err
}

func (m *logMark) close() error {
	var errs []error
	for _, f := range []*os.File{m.file, m.logReader} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// readLogSalt returns the salt of the log in path, and false where there is no log
// or its header is not as it was written.
func readLogSalt(path string) (salt uint64, ok bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	var h [32]byte
	if _, err := f.ReadAt(h[:], 0); errors.Is(err, io.EOF) {
		return 0, false, nil
	} else if err != nil {
		return 0, false, err
	}
	// The words of the checksum are in the byte order that the magic number says.
	var order binary.ByteOrder = binary.LittleEndian
	switch binary.BigEndian.Uint32(h[:]) {
	case 0x377f0682:
	case 0x377f0683:
		order = binary.BigEndian
	default:
		return 0, false, nil
	}
	var s1, s2 uint32
	for at := 0; at < 24; at += 8 {
		s1 += order.Uint32(h[at:]) + s2
		s2 += order.Uint32(h[at+4:]) + s1
	}
	if binary.BigEndian.Uint32(h[24:]) != s1 || binary.BigEndian.Uint32(h[28:]) != s2 {
		return 0, false, nil
	}
	return binary.BigEndian.Uint64(h[16:]), true, nil
}

// compareWithMark finds out whether the database is all that its mark says there is.
// It comes after the lock, and before anything is written.
func (d *database) compareWithMark(path string) error {
	says, marked, err := readLogMark(d.mark.path)
	if err != nil || !marked {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return fmt.Errorf("%w (the database is empty)", ErrDamaged)
	}
	if says.frames == 0 {
		return nil
	}
	frames, _, err := d.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_NOOP)
	if err != nil {
		return err
	}
	salt, readable, err := readLogSalt(d.mark.log)
	if err != nil {
		return err
	}
	// A log that has begun anew since the mark was written has another salt.
	if !readable || salt == says.salt && frames < int(says.frames) {
		return fmt.Errorf("%w (of %d acknowledged pages of the write-ahead log %d can be read)", ErrDamaged, says.frames, max(frames, 0))
	}
	return nil
}
