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
	deleteReceived               *sqlite3.Stmt

	visible, nextVisible, receive *sqlite3.Stmt
	latest, one, hide, endLeases  *sqlite3.Stmt
	deadLetter, setHistory        *sqlite3.Stmt

	// Of FIFO queues.
	groupNamed, groups, leasedGroups   *sqlite3.Stmt
	insertGroup, deleteGroup, setReady *sqlite3.Stmt
	readyGroups, nextReady             *sqlite3.Stmt
	ofGroup, headOfGroup, redelay      *sqlite3.Stmt
	sentOnce, insertOnce               *sqlite3.Stmt
	nextOnce, expireOnce, forgetOnce   *sqlite3.Stmt

	oldest, first                                   *sqlite3.Stmt
	peek, count, countHidden, countFlight, countOld *sqlite3.Stmt

	movable, insertTask, updateTask, runningTasks *sqlite3.Stmt
	tasksOf, pruneTasks, deleteTasks              *sqlite3.Stmt

	putDocument, deleteDocument, documents *sqlite3.Stmt
}

// messageColumns are read by database.messages.
const messageColumns = `m.seq, m.visible_at, m.receives, m.first_received, m.fifo_group, m.source, p.id, p.sum, p.meta, p.body
			FROM message m LEFT JOIN payload p ON p.seq = m.seq`

// taskColumns are read by database.moveTasks.
const taskColumns = `id, rate, started, to_move, last, at, moved, handle, source, destination, status, failure FROM move_task`

func (d *database) prepare(s *statements) {
	for _, p := range []struct {
		statement **sqlite3.Stmt
		sql       string
	}{
		{&s.begin, `BEGIN`},
		{&s.end, `COMMIT`},

		{&s.queues, `SELECT id, name, token, visibility, delay, retention, dead_letter, max_receives,
			fifo, by_group, settings, created, modified FROM queue ORDER BY name`},
		{&s.lastSeq, `SELECT coalesce(max(seq), 0) FROM payload`},
		{&s.insertQueue, `INSERT INTO queue (visibility, delay, retention, max_receives, by_group, modified,
			dead_letter, settings, name, token, fifo, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.updateQueue, `UPDATE queue SET visibility = ?, delay = ?, retention = ?, max_receives = ?, by_group = ?, modified = ?,
			dead_letter = ?, settings = ? WHERE name = ?`},
		{&s.deleteQueue, `DELETE FROM queue WHERE id = ?`},

		{&s.insertMessage, `INSERT INTO message (queue, seq, visible_at, fifo_group, receives, first_received, leased, source)
			VALUES (?, ?, ?, ?, 0, 0, 0, '')`},
		{&s.insertPayload, `INSERT INTO payload (seq, sum, id, meta, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.deleteMessage, `DELETE FROM message WHERE queue = ? AND seq = ?`},
		{&s.deleteReceived, `DELETE FROM message WHERE queue = ? AND seq = ? AND receives = ? RETURNING visible_at`},
		{&s.deletePayload, `DELETE FROM payload WHERE seq = ?`},

		{&s.visible, `SELECT ` + messageColumns + `
			WHERE m.queue = ? AND m.visible_at <= ? ORDER BY m.visible_at, m.seq LIMIT ?`},
		{&s.nextVisible, `SELECT visible_at FROM message
			WHERE queue = ? AND visible_at > ? ORDER BY visible_at LIMIT 1`},
		{&s.receive, `UPDATE message SET visible_at = ?, receives = ?, first_received = ?, leased = ?
			WHERE queue = ? AND seq = ?`},
		{&s.latest, `SELECT receives, visible_at, fifo_group FROM message WHERE queue = ? AND seq = ?`},
		{&s.one, `SELECT ` + messageColumns + ` WHERE m.queue = ? AND m.seq = ?`},
		{&s.hide, `UPDATE message SET visible_at = ? WHERE queue = ? AND seq = ?`},
		// Those that wait longest go first: they get the time they were sent at.
		{&s.endLeases, `UPDATE message SET visible_at = seq >> 20, leased = 0
			WHERE queue = ? AND visible_at > ? AND leased`},
		{&s.deadLetter, `UPDATE message SET queue = ?, visible_at = ?, leased = 0, source = ?
			WHERE queue = ? AND seq = ?`},
		{&s.setHistory, `UPDATE message SET receives = ?, first_received = ?, source = ? WHERE queue = ? AND seq = ?`},

		{&s.groupNamed, `SELECT id FROM fifo_group WHERE queue = ? AND name = ?`},
		{&s.groups, `SELECT id FROM fifo_group WHERE queue = ?`},
		{&s.leasedGroups, `SELECT fifo_group FROM message WHERE queue = ? AND visible_at > ? AND leased`},
		{&s.insertGroup, `INSERT INTO fifo_group (queue, ready_at, name) VALUES (?, ?, ?)`},
		{&s.deleteGroup, `DELETE FROM fifo_group WHERE id = ?`},
		{&s.setReady, `UPDATE fifo_group SET ready_at = ? WHERE id = ?`},
		{&s.readyGroups, `SELECT id FROM fifo_group WHERE queue = ? AND ready_at <= ? ORDER BY ready_at, id LIMIT ?`},
		{&s.nextReady, `SELECT ready_at FROM fifo_group WHERE queue = ? AND ready_at > ? ORDER BY ready_at LIMIT 1`},
		{&s.ofGroup, `SELECT ` + messageColumns + `
			WHERE m.queue = ? AND m.fifo_group = ? AND m.fifo_group > 0 ORDER BY m.seq LIMIT ?`},
		{&s.headOfGroup, `SELECT visible_at FROM message
			WHERE queue = ? AND fifo_group = ? AND fifo_group > 0 ORDER BY seq LIMIT 1`},
		{&s.redelay, `UPDATE message SET visible_at = (seq >> 20) + ? WHERE queue = ? AND visible_at > ? AND receives = 0`},
		{&s.sentOnce, `SELECT id, seq FROM once WHERE expires > ? AND scope = ? AND key = ?`},
		{&s.insertOnce, `INSERT OR REPLACE INTO once (expires, seq, scope, key, id) VALUES (?, ?, ?, ?, ?)`},
		{&s.nextOnce, `SELECT expires FROM once WHERE expires > ? ORDER BY expires LIMIT 1`},
		{&s.expireOnce, `DELETE FROM once WHERE (scope, key) IN
			(SELECT scope, key FROM once WHERE expires <= ? ORDER BY expires LIMIT ?)`},
		{&s.forgetOnce, `DELETE FROM once WHERE seq <= ? AND scope = ?`},

		{&s.oldest, `SELECT seq FROM message WHERE queue = ? AND seq >= ? ORDER BY seq LIMIT 1`},
		{&s.first, `SELECT seq FROM message WHERE queue = ? AND seq < ? ORDER BY seq LIMIT ?`},
		{&s.peek, `SELECT ` + messageColumns + ` WHERE m.queue = ? AND m.seq >= ? ORDER BY m.seq LIMIT ?`},
		{&s.count, `SELECT count(*) FROM message WHERE queue = ?`},
		{&s.countHidden, `SELECT count(*), coalesce(sum(receives = 0), 0) FROM message
			WHERE queue = ? AND visible_at > ? AND seq >= ?`},
		{&s.countFlight, `SELECT count(*) FROM message WHERE queue = ? AND visible_at > ? AND receives > 0`},
		{&s.countOld, `SELECT count(*) FROM message WHERE queue = ? AND seq < ?`},

		{&s.movable, `SELECT ` + messageColumns + `
			WHERE m.queue = ? AND m.seq > ? AND m.seq <= ? AND m.visible_at <= ? ORDER BY m.seq LIMIT 1`},
		{&s.insertTask, `INSERT INTO move_task (rate, started, to_move, last, at, moved, handle, source, destination, status, failure)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.updateTask, `UPDATE move_task SET at = ?, moved = ?, status = ?, failure = ? WHERE id = ?`},
		{&s.runningTasks, `SELECT ` + taskColumns + ` WHERE status = 'RUNNING' ORDER BY id`},
		{&s.tasksOf, `SELECT ` + taskColumns + ` WHERE source = ? ORDER BY id DESC LIMIT ?`},
		{&s.pruneTasks, `DELETE FROM move_task WHERE source = ? AND id < ?`},
		{&s.deleteTasks, `DELETE FROM move_task WHERE source = ?`},

		{&s.putDocument, `INSERT OR REPLACE INTO document (kind, name, value) VALUES (?, ?, ?)`},
		{&s.deleteDocument, `DELETE FROM document WHERE kind = ? AND name = ?`},
		{&s.documents, `SELECT name, value FROM document WHERE kind = ? ORDER BY name`},
	} {
		if d.err != nil {
			return
		}
		statement, _, err := d.conn.PrepareFlags(p.sql, sqlite3.PREPARE_PERSISTENT)
		d.check(err)
		*p.statement = statement
	}
}

// A stored message as one of the SELECTs with messageColumns returns it.
type stored struct {
	payload
	seq, visibleAt, receives, firstReceived int64
	group                                   int64 // in a FIFO queue, else 0
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
			group:         s.ColumnInt64(4),
			source:        s.ColumnText(5),
		}
		m.id = s.ColumnText(6)
		m.sum = uint32(s.ColumnInt64(7))
		m.meta = s.ColumnBlob(8, nil)
		m.body = s.ColumnBlob(9, nil)
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
func (d *database) insert(queue, seq, visibleAt, group int64, p *payload) {
	if d.err != nil {
		return
	}
	s := d.insertPayload
	d.check(s.BindText(3, p.id))
	d.bindBytes(s, 4, p.meta)
	d.bindBytes(s, 5, p.body)
	d.exec(s, seq, int64(p.sum))
	d.exec(d.insertMessage, queue, seq, visibleAt, group)
}

// remove deletes a message.
func (d *database) remove(queue, seq int64) {
	d.exec(d.deleteMessage, queue, seq)
	d.exec(d.deletePayload, seq)
}
