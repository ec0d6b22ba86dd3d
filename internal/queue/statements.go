package queue

import "github.com/ncruces/go-sqlite3"

// The statements, prepared once. Each finds its rows by an index and stops: none
// may cost more because a queue is long, except those that count or that are
// limited by their caller.
type statements struct {
	begin, end *sqlite3.Stmt

	queues, lastSeq                       *sqlite3.Stmt
	insertQueue, updateQueue, deleteQueue *sqlite3.Stmt

	insertMessage, insertPayload *sqlite3.Stmt
	deleteMessage, deletePayload *sqlite3.Stmt

	visible, nextVisible, receive *sqlite3.Stmt
	latest, hide, endLeases       *sqlite3.Stmt
	deadLetter                    *sqlite3.Stmt

	oldest, first                      *sqlite3.Stmt
	peek, count, countHidden, countOld *sqlite3.Stmt
	redrivable                         *sqlite3.Stmt
}

// payloadColumns are read by database.payload.
const payloadColumns = `p.id, p.sum, p.meta, p.body`

func (d *database) prepare(s *statements) {
	for _, p := range []struct {
		statement **sqlite3.Stmt
		sql       string
	}{
		{&s.begin, `BEGIN`},
		{&s.end, `COMMIT`},

		{&s.queues, `SELECT id, name, token, visibility, delay, retention, dead_letter, max_receives
			FROM queue ORDER BY name`},
		{&s.lastSeq, `SELECT coalesce(max(seq), 0) FROM payload`},
		{&s.insertQueue, `INSERT INTO queue (visibility, delay, retention, dead_letter, max_receives, name, token)
			VALUES (?, ?, ?, ?, ?, ?, ?)`},
		{&s.updateQueue, `UPDATE queue SET visibility = ?, delay = ?, retention = ?, dead_letter = ?, max_receives = ?
			WHERE name = ?`},
		{&s.deleteQueue, `DELETE FROM queue WHERE id = ?`},

		{&s.insertMessage, `INSERT INTO message (queue, seq, visible_at, receives, first_received, leased, source)
			VALUES (?, ?, ?, 0, 0, 0, '')`},
		{&s.insertPayload, `INSERT INTO payload (seq, sum, id, meta, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.deleteMessage, `DELETE FROM message WHERE queue = ? AND seq = ?`},
		{&s.deletePayload, `DELETE FROM payload WHERE seq = ?`},

		{&s.visible, `SELECT m.seq, m.visible_at, m.receives, m.first_received, m.source, ` + payloadColumns + `
			FROM message m LEFT JOIN payload p ON p.seq = m.seq
			WHERE m.queue = ? AND m.visible_at <= ? ORDER BY m.visible_at, m.seq LIMIT ?`},
		{&s.nextVisible, `SELECT visible_at FROM message
			WHERE queue = ? AND visible_at > ? ORDER BY visible_at LIMIT 1`},
		{&s.receive, `UPDATE message SET visible_at = ?, receives = ?, first_received = ?, leased = ?
			WHERE queue = ? AND seq = ?`},
		{&s.latest, `SELECT receives, visible_at FROM message WHERE queue = ? AND seq = ?`},
		{&s.hide, `UPDATE message SET visible_at = ? WHERE queue = ? AND seq = ?`},
		// Those that wait longest go first: they get the time they were sent at.
		{&s.endLeases, `UPDATE message SET visible_at = seq >> 20, leased = 0
			WHERE queue = ? AND visible_at > ? AND leased`},
		{&s.deadLetter, `UPDATE message SET queue = ?, visible_at = ?, leased = 0, source = ?
			WHERE queue = ? AND seq = ?`},

		{&s.oldest, `SELECT seq FROM message WHERE queue = ? AND seq >= ? ORDER BY seq LIMIT 1`},
		{&s.first, `SELECT seq FROM message WHERE queue = ? AND seq < ? ORDER BY seq LIMIT ?`},
		{&s.peek, `SELECT m.seq, m.visible_at, m.receives, m.first_received, m.source, ` + payloadColumns + `
			FROM message m LEFT JOIN payload p ON p.seq = m.seq
			WHERE m.queue = ? AND m.seq >= ? ORDER BY m.seq LIMIT ?`},
		{&s.count, `SELECT count(*) FROM message WHERE queue = ?`},
		{&s.countHidden, `SELECT count(*), coalesce(sum(receives = 0), 0) FROM message
			WHERE queue = ? AND visible_at > ? AND seq >= ?`},
		{&s.countOld, `SELECT count(*) FROM message WHERE queue = ? AND seq < ?`},
		{&s.redrivable, `SELECT m.seq, m.visible_at, m.receives, m.first_received, m.source, ` + payloadColumns + `
			FROM message m LEFT JOIN payload p ON p.seq = m.seq
			WHERE m.queue = ? AND m.seq > ? AND m.seq <= ? AND m.visible_at <= ? ORDER BY m.seq LIMIT 1`},
	} {
		if d.err != nil {
			return
		}
		statement, _, err := d.conn.PrepareFlags(p.sql, sqlite3.PREPARE_PERSISTENT)
		d.check(err)
		*p.statement = statement
	}
}

// A stored message as one of the SELECTs with payloadColumns returns it.
type stored struct {
	payload
	seq, visibleAt, receives, firstReceived int64
	source                                  string
}

// messages runs one of those SELECTs. A message whose payload is missing comes
// with an empty one, which is not intact.
func (d *database) messages(s *sqlite3.Stmt, args ...int64) (found []stored) {
	d.query(s, func() {
		m := stored{
			seq:           s.ColumnInt64(0),
			visibleAt:     s.ColumnInt64(1),
			receives:      s.ColumnInt64(2),
			firstReceived: s.ColumnInt64(3),
			source:        s.ColumnText(4),
		}
		m.id = s.ColumnText(5)
		m.sum = uint32(s.ColumnInt64(6))
		m.meta = s.ColumnBlob(7, nil)
		m.body = s.ColumnBlob(8, nil)
		found = append(found, m)
	}, args...)
	return found
}

// numbers runs a SELECT whose first column is a number.
func (d *database) numbers(s *sqlite3.Stmt, args ...int64) (found []int64) {
	d.query(s, func() { found = append(found, s.ColumnInt64(0)) }, args...)
	return found
}

// insert writes a new message.
func (d *database) insert(queue, seq, visibleAt int64, p *payload) {
	if d.err != nil {
		return
	}
	s := d.insertPayload
	d.bind(s, seq, int64(p.sum))
	d.check(s.BindText(3, p.id))
	d.check(s.BindBlob(4, p.meta))
	if p.body == nil {
		d.check(s.BindZeroBlob(5, 0))
	} else {
		d.check(s.BindBlob(5, p.body))
	}
	d.exec(s)
	d.exec(d.insertMessage, queue, seq, visibleAt)
}

// remove deletes a message.
func (d *database) remove(queue, seq int64) {
	d.exec(d.deleteMessage, queue, seq)
	d.exec(d.deletePayload, seq)
}
