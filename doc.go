// Package less is what the handlers of a Less application are written with.
//
// # The model
//
// An application is a folder tree. A folder below less/topics is a topic: a kind
// of event, with the type Message that says what it carries. A folder below a
// topic is a subscriber: a function, with a queue of its own, that is called for
// each event. A file below less/apis is a route: a function that answers one verb
// on one path. There is nothing else to declare. Functions know topics and never
// each other: one publishes that an order was placed, and whoever has something
// to do then subscribes.
//
// Publishing returns when the event is stored for every subscriber. From there on
// they are independent. Each handles the event at least once, in no particular
// order, as soon as it can; one that fails tries again, after a while and by
// itself, and after some attempts the event waits in its dead-letter queue for
// somebody to look at it. Nothing is lost, and anything may happen twice: a
// subscriber must be idempotent.
//
// On AWS a topic is an SNS topic, a subscriber an SQS queue with a dead-letter
// queue and a Lambda function, and a route a Lambda function behind API Gateway.
// On a laptop, less-cli run does the same with the same binaries.
//
// # A complete example
//
// The topic, less/topics/order_placed/message.go, says what it carries:
//
//	package orderplaced
//
//	type Message struct {
//		ID    string   `json:"id"`
//		Items []string `json:"items"`
//	}
//
// The route, less/apis/orders/orders/post.go, publishes it. The package topics is
// generated; a topic that does not exist, or another type, does not compile:
//
//	package orders
//
//	type PostRequest struct {
//		Items []string `json:"items"`
//	}
//
//	func Post(ctx context.Context, req PostRequest) (less.Created[orderplaced.Message], error) {
//		if len(req.Items) == 0 {
//			return less.Created[orderplaced.Message]{}, less.BadRequest("an order needs items")
//		}
//		order := orderplaced.Message{ID: uuid.NewString(), Items: req.Items}
//		if err := topics.OrderPlaced.Publish(ctx, order); err != nil {
//			return less.Created[orderplaced.Message]{}, err
//		}
//		return less.Created[orderplaced.Message]{Body: order}, nil
//	}
//
// The subscriber, less/topics/order_placed/payment_service_process_payment/process.go,
// is called with it:
//
//	package paymentserviceprocesspayment
//
//	var Config = less.Subscriber{Timeout: 10 * time.Second} // optional
//
//	func Process(ctx context.Context, order orderplaced.Message) error {
//		less.Logger(ctx).Info("processing payment", "order", order.ID)
//		err := charge(ctx, order)
//		switch {
//		case errors.Is(err, errBusy):
//			return less.RetryAfter(time.Minute, err)
//		case err != nil:
//			return err // tried again, and finally dead-lettered
//		}
//		return topics.PaymentSuccess.Publish(ctx, order)
//	}
//
// The main functions below functions/ are generated, and call [ServeAPI] and
// [ServeTopic], which is where the rules are: what an outcome means, what runs
// concurrently, and what happens at the deadline.
//
// # Context
//
// What a handler is called with besides the body comes from its context:
// [MessageFrom], [RequestFrom] and [Logger]. The context also carries, from the
// request to the last event that it causes, the correlation id: pass it on to
// [Topic.Publish], and every log line of the whole choreography can be found by
// one id.
//
// # Tests
//
// A handler is a function, and can be called. The package lesstest has the
// context for it, and runs whole applications in memory.
package less
