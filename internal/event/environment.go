package event

// The environment variables by which whoever runs a function, AWS or the local
// engine, tells it who it is and where its topics are.
const (
	// EnvFunction is the function's identity: topics/order_placed/payment_service_process_payment.
	EnvFunction = "LESS_FUNCTION"
	// EnvTopicPrefix is what stands before a topic's name in its ARN:
	// arn:aws:sns:eu-west-1:123456789012:shop-
	EnvTopicPrefix = "LESS_TOPIC_PREFIX"
	// EnvOrigins are the origins of pages that may read a route's answers, with commas
	// between them, where that is for the function to say.
	EnvOrigins = "LESS_ORIGINS"
)
