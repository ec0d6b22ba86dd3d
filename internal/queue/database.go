package queue

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/less-go/less/internal/failpoint"
)

// The file says what it is, so that neither an older program nor another
// program's database is written to by mistake.
const (
	applicationID = 0x4c455353 // "LESS"
	schemaVersion = 3
)

// The versions of the schema, each as what it adds to the one before it.
var schemas = [schemaVersion]string{schema1, schema2, schema3}

// A message is two rows. What changes at every receive is small and stays apart
// from the payload, which is written once. The message table is kept in the order
// of queue and sending (retention, redrive, purge read it that way), its index in
// the order in which messages become visible.
const schema1 = `
CREATE TABLE queue (
	id           INTEGER PRIMARY KEY,
	name         TEXT    NOT NULL UNIQUE,
	token        INTEGER NOT NULL, -- random, part of every receipt
	visibility   INTEGER NOT NULL, -- milliseconds, as all times
	delay        INTEGER NOT NULL,
	retention    INTEGER NOT NULL,
	dead_letter  TEXT    NOT NULL,
	max_receives INTEGER NOT NULL
);
CREATE TABLE message (
	queue          INTEGER NOT NULL,
	seq            INTEGER NOT NULL, -- sent time << 20 + counter
	visible_at     INTEGER NOT NULL,
	receives       INTEGER NOT NULL,
	first_received INTEGER NOT NULL, -- 0: never
	leased         INTEGER NOT NULL,
	source         TEXT    NOT NULL, -- the queue it was dead-lettered from
	PRIMARY KEY (queue, seq)
) WITHOUT ROWID;
CREATE INDEX message_visible ON message (queue, visible_at); -- and seq, as part of the key
CREATE TABLE payload (
	seq  INTEGER PRIMARY KEY,
	id   TEXT    NOT NULL,
	sum  INTEGER NOT NULL, -- CRC-32C of id, meta and body
	meta BLOB    NOT NULL, -- trace header, group id, attributes
	body BLOB    NOT NULL
);
`

// A FIFO queue's messages belong to groups, which have a row each as long as they
// have messages; a standard queue's messages have no group, and cost nothing here.
const schema2 = `
ALTER TABLE queue ADD COLUMN fifo     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN by_group INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN settings TEXT    NOT NULL DEFAULT '';
ALTER TABLE queue ADD COLUMN created  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
UPDATE queue SET created = unixepoch() * 1000, modified = unixepoch() * 1000;
ALTER TABLE message ADD COLUMN fifo_group INTEGER NOT NULL DEFAULT 0; -- 0: none
CREATE INDEX message_group ON message (queue, fifo_group, seq) WHERE fifo_group > 0;
CREATE TABLE fifo_group (
	id       INTEGER PRIMARY KEY,
	queue    INTEGER NOT NULL,
	name     TEXT    NOT NULL,
	ready_at INTEGER NOT NULL, -- when its first message can be received
	UNIQUE (queue, name)
);
CREATE INDEX fifo_group_ready ON fifo_group (queue, ready_at);
CREATE TABLE once (
	scope   TEXT    NOT NULL,
	key     TEXT    NOT NULL,
	expires INTEGER NOT NULL,
	id      TEXT    NOT NULL,
	seq     INTEGER NOT NULL,
	PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE INDEX once_expires ON once (expires);
CREATE TABLE move_task (
	id          INTEGER PRIMARY KEY,
	handle      TEXT    NOT NULL UNIQUE,
	source      TEXT    NOT NULL,
	destination TEXT    NOT NULL,
	rate        INTEGER NOT NULL,
	started     INTEGER NOT NULL,
	to_move     INTEGER NOT NULL,
	last        INTEGER NOT NULL, -- the last message there was when it started
	status      TEXT    NOT NULL,
	at          INTEGER NOT NULL, -- the last message it has looked at
	moved       INTEGER NOT NULL,
	failure     TEXT    NOT NULL
);
CREATE INDEX move_task_source ON move_task (source, id);
CREATE TABLE document (
	kind  TEXT NOT NULL,
	name  TEXT NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (kind, name)
) WITHOUT ROWID;
`

// From the third version on every page ends with its checksum, which is made and
// checked where pages are written and read.
const (
	schema3      = ""
	pageChecksum = 8 // bytes
)

// The pages (of 4 kB) of the write-ahead log after which the writer copies them
// into the database: at once when the log is long, in a quiet moment when it is
// not. Nobody is served meanwhile, so a length is a choice between a long pause and
// a frequent one. This one is a pause of about 10 ms, which one commit in a hundred
// meets only where dozens of callers send at the same time.
const (
	checkpointPages      = 2000
	quietCheckpointPages = 500
)

// A database is the file, its one connection and the statements prepared on it.
// It keeps the first error that any of its methods meets, and does nothing from
// then on; commit reports it. So a transaction is checked in one place.
type database struct {
	statements

	conn     *sqlite3.Conn
	err      error
	logPages int      // in the write-ahead log, not yet in the database
	mark     *logMark // nil where the files are not the operating system's
}

func openDatabase(path, vfs string) (_ *database, err error) {
	name := path
	if path != ":memory:" {
		if name, err = prepareFile(path, vfs); err != nil {
			return nil, err
		}
	}
	conn, err := sqlite3.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open queue store %s: %w", path, err)
	}
	d := &database{conn: conn}
	if path != ":memory:" && vfs == "" {
		d.mark = &logMark{path: path + markSuffix, log: path + logSuffix}
	}
	// Without this SQLite plans a prepared statement anew whenever what is bound to
	// it changes, which costs several times what running it does.
	if _, err := conn.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true); err != nil {
		return nil, fmt.Errorf("open queue store %s: %w", path, errors.Join(err, d.close()))
	}
	if err := d.init(path); err != nil {
		switch {
		case errors.Is(err, sqlite3.BUSY):
			err = ErrInUse
		case isDamage(err):
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		// The error that matters is the first one, and the files stay as they are.
		d.check(err)
		_ = d.close()
		return nil, fmt.Errorf("open queue store %s: %w", path, err)
	}
	return d, nil
}

// prepareFile sees to it that the file is there and is its owner's alone, and
// returns the name by which SQLite opens it and gives its log the same mode.
func prepareFile(path, vfs string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	query := url.Values{"modeof": {path}}
	if vfs != "" {
		query = url.Values{"vfs": {vfs}} // which has files of its own
	} else {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return "", fmt.Errorf("open queue store: %w", err)
		}
		if err := errors.Join(f.Chmod(0o600), f.Close(), syncDir(filepath.Dir(path))); err != nil {
			return "", fmt.Errorf("open queue store: %w", err)
		}
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	// SQLite does not read a plus as a space.
	parameters := strings.ReplaceAll(query.Encode(), "+", "%20")
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: parameters}).String(), nil
}

func (d *database) init(path string) error {
	// The exclusive lock comes first: with it SQLite keeps the index of its log in
	// memory, and a second process is refused at its first step.
	d.script("PRAGMA locking_mode = EXCLUSIVE")
	application, version := d.pragma("application_id"), d.pragma("user_version")
	objects := d.number("SELECT count(*) FROM sqlite_schema")
	if d.err != nil {
		return d.err
	}
	if d.mark != nil {
		if d.err = d.compareWithMark(path); d.err != nil {
			return d.err
		}
	}
	isNew := application == 0 && version == 0 && objects == 0
	switch {
	case isNew:
	case application != applicationID:
		return errors.New("this is the database of another program; name another file")
	case version > schemaVersion:
		return fmt.Errorf("it was written by a newer version of this program (its format is %d, this program knows %d); "+
			"run the newer version, or begin with a new file", version, schemaVersion)
	}
	if version < schemaVersion {
		d.check(d.conn.EnableChecksums("main"))
	} else if n, err := d.conn.FileControl("main", sqlite3.FCNTL_RESERVE_BYTES); err != nil || n != pageChecksum {
		return errors.Join(err, fmt.Errorf("%w: its pages have no checksums", ErrDamaged))
	}
	if path != ":memory:" {
		if mode := d.text("PRAGMA journal_mode = WAL"); d.err == nil && mode != "wal" {
			return fmt.Errorf("its journal mode is %s and cannot be made wal", mode)
		}
	}
	// fullfsync: on macOS nothing less reaches the disk itself.
	// wal_autocheckpoint: the writer chooses when, not the commit.
	d.script(`PRAGMA synchronous = FULL;
		PRAGMA fullfsync = ON;
		PRAGMA checkpoint_fullfsync = ON;
		PRAGMA wal_autocheckpoint = 0;
		PRAGMA journal_size_limit = 67108864;
		PRAGMA cache_size = -8192;
		PRAGMA foreign_keys = OFF`)
	if version < schemaVersion {
		failpoint.Hit(failpoint.Migrate)
		d.script(fmt.Sprintf("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
			strings.Join(schemas[version:], ""), applicationID, schemaVersion))
		failpoint.Hit(failpoint.Migrated)
	}
	d.conn.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		d.logPages = pages
		return nil
	})
	d.prepare(&d.statements)
	return d.err
}

// close writes the log into the database and lets go of the file. After an error
// it leaves both as they are: the log is what the next open recovers from.
func (d *database) close() error {
	var failures []error
	if d.err != nil {
		_, err := d.conn.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true)
		failures = append(failures, err)
	}
	if d.mark != nil {
		if d.err == nil {
			// First: with the log gone, what the mark says would be a loss.
			failures = append(failures, d.mark.write(logPosition{}))
		}
		failures = append(failures, d.mark.close())
	}
	var open []*sqlite3.Stmt
	for s := range d.conn.Stmts() {
		open = append(open, s)
	}
	for _, s := range open {
		// A statement repeats the error of its last step here; d.err has it.
		_ = s.Close()
	}
	return errors.Join(append(failures, d.conn.Close())...)
}

func (d *database) check(err error) {
	if d.err == nil {
		d.err = err
	}
}

// exec runs a statement that has only numbers for parameters.
func (d *database) exec(s *sqlite3.Stmt, args ...int64) {
	if d.err != nil {
		return
	}
	d.bind(s, args...)
	d.check(s.Exec())
}

// query runs a statement and calls row for each row it returns. The statement
// must not be used by row, and what it reads from must not be changed by it.
func (d *database) query(s *sqlite3.Stmt, row func(), args ...int64) {
	if d.err != nil {
		return
	}
	d.bind(s, args...)
	for d.err == nil && s.Step() {
		row()
	}
	d.check(s.Err())
	d.check(s.Reset())
}

func (d *database) bind(s *sqlite3.Stmt, args ...int64) {
	for i, arg := range args {
		d.check(s.BindInt64(i+1, arg))
	}
}

// bindTexts binds texts from the given parameter on.
func (d *database) bindTexts(s *sqlite3.Stmt, from int, texts ...string) {
	for i, text := range texts {
		d.check(s.BindText(from+i, text))
	}
}

// bindBytes binds a value that is not NULL, even where it is empty.
func (d *database) bindBytes(s *sqlite3.Stmt, param int, value []byte) {
	if value == nil {
		value = []byte{}
	}
	d.check(s.BindBlob(param, value))
}

func (d *database) script(sql string) {
	if d.err == nil {
		d.check(d.conn.Exec(sql))
	}
}

// text is the first column of a query's one row.
func (d *database) text(sql string) (value string) {
	if d.err != nil {
		return ""
	}
	s, _, err := d.conn.Prepare(sql)
	if err != nil {
		d.check(err)
		return ""
	}
	defer s.Close()
	d.query(s, func() { value = s.ColumnText(0) })
	return value
}

func (d *database) number(sql string) (value int64) {
	if text := d.text(sql); d.err == nil {
		_, err := fmt.Sscan(text, &value)
		d.check(err)
	}
	return value
}

func (d *database) pragma(name string) int64 { return d.number("PRAGMA " + name) }

// commit ends a transaction and makes it durable.
func (d *database) commit() error {
	written := d.logPages
	d.logPages = -1
	d.exec(d.end)
	if d.logPages < 0 { // nothing was written
		d.logPages = written
	} else if d.err == nil && d.mark != nil {
		d.check(d.mark.acknowledged(d.logPages))
	}
	return d.err
}

// checkpoint copies the log into the database, so that it can be begun anew.
func (d *database) checkpoint() {
	if d.err != nil {
		return
	}
	failpoint.Hit(failpoint.Checkpoint)
	_, _, err := d.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	d.check(err)
	failpoint.Hit(failpoint.Checkpointed)
	d.logPages = 0
}
