package queue

import "context"

// Send puts messages into queues, each a copy of its own, and returns their ids in
// the order of the entries. It happens for all entries or, with an error, for none.
func (s *Store) Send(ctx context.Context, entries ...Entry) ([]string, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	// Encoding is done here, by the callers in parallel, and not by the one writer.
	ids := make([]string, len(entries))
	messages := make([]outgoing, len(entries))
	for i, e := range entries {
		m, err := newOutgoing(e)
		if err != nil {
			return nil, err
		}
		ids[i], messages[i] = m.id, m
	}
	if err := s.do(ctx, func(w *writer) error { return w.send(messages) }); err != nil {
		return nil, err
	}
	return ids, nil
}

func (w *writer) send(messages []outgoing) error {
	// All queues are looked up before the first row is written.
	for i := range messages {
		if _, err := w.queue(messages[i].queue); err != nil {
			return err
		}
	}
	for i := range messages {
		m := &messages[i]
		q := w.queues[m.queue]
		delay := q.spec.Delay
		if m.delay != nil {
			delay = *m.delay
		}
		w.insert(q, w.after(delay), &m.payload)
	}
	return nil
}
