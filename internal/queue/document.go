package queue

import "context"

// A Document is a text that others keep beside the queues, such as a topic or a
// subscription: what sends to a queue is as durable as what was sent.
type Document struct {
	Kind, Name string
	// Value is what the document says; a nil one removes it.
	Value []byte
}

// Keep writes and removes documents, all of them or none.
func (s *Store) Keep(ctx context.Context, documents ...Document) error {
	return s.do(ctx, func(w *writer) error {
		for _, d := range documents {
			w.db.keep(d)
		}
		return nil
	})
}

// Documents returns the documents of a kind in the order of their names.
func (s *Store) Documents(ctx context.Context, kind string) (documents []Document, err error) {
	err = s.do(ctx, func(w *writer) error {
		documents = w.db.documentsOf(kind)
		return nil
	})
	return documents, err
}

func (d *database) keep(doc Document) {
	s := d.putDocument
	if doc.Value == nil {
		s = d.deleteDocument
	} else {
		d.bindBytes(s, 3, doc.Value)
	}
	d.bindTexts(s, 1, doc.Kind, doc.Name)
	d.exec(s)
}

func (d *database) documentsOf(kind string) (found []Document) {
	s := d.documents
	d.bindTexts(s, 1, kind)
	d.query(s, func() {
		// Never nil: an empty value is one.
		found = append(found, Document{Kind: kind, Name: s.ColumnText(0), Value: s.ColumnBlob(1, []byte{})})
	})
	return found
}
