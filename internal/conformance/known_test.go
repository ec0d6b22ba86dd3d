package conformance_test

// knownDifferences are those between the engine and moto, each with its cause.
// Where a conformance case has the fact, the engine is right.
var knownDifferences = []difference{
	{
		"moto has words of its own for a visibility timeout that is too long, and says them first", "ChangeMessageVisibility|ReceiveMessage",
		`InvalidParameterValue: Value 43201 .+|AWS.SimpleQueueService.NonExistentQueue: .+|ReceiptHandleIsInvalid: .+`,
		`InvalidParameterValue: Invalid request, maximum visibility timeout is 43200`,
	},
	{
		"moto does not name the receipt that is none", "DeleteMessage|ChangeMessageVisibility",
		`ReceiptHandleIsInvalid: The input receipt handle "garbage" is not a valid receipt handle.`,
		`ReceiptHandleIsInvalid: The input receipt handle is invalid.`,
	},
	{
		"moto does not name the receipt that is none", "ChangeMessageVisibilityBatch",
		`.+The input receipt handle \\"garbage\\" is not a valid receipt handle.+`,
		`.+The input receipt handle is invalid.+`,
	},
	{
		"moto repeats its client's words in an error of ReceiveMessage", "ReceiveMessage",
		`InvalidParameterValue: Value (11|21) .+`,
		`InvalidParameterValue: An error occurred .+ Value (11|21) .+`,
	},
	{
		"moto does not name the attribute that differs", "CreateQueue",
		`QueueAlreadyExists: A queue already exists .+`,
		`QueueAlreadyExists: The specified queue already exists.`,
	},
	{
		"moto refuses the receipt of a message that is gone", "DeleteMessage",
		`{}`,
		`ReceiptHandleIsInvalid: The input receipt handle is invalid.`,
	},
	{
		"moto refuses the receipt of a message that is gone", "DeleteMessageBatch",
		`{"Successful":.+}`,
		`.+"Code":"ReceiptHandleIsInvalid".+`,
	},
	{
		"moto has another error for hiding a message that is gone", "ChangeMessageVisibility",
		`InvalidParameterValue: Value receipt-\d+ .+ Message does not exist .+`,
		`ReceiptHandleIsInvalid: The input receipt handle is invalid.`,
	},
	{
		"moto has another error for hiding a message that is gone", "ChangeMessageVisibilityBatch",
		`.+"Code":"InvalidParameterValue".+ Message does not exist .+`,
		`.+"Code":"ReceiptHandleIsInvalid".+`,
	},
	{
		"moto does not say that an empty name is missing", "CreateQueue",
		`MissingParameter: The request must contain the parameter QueueName.`,
		`InvalidParameterValue: Can only include .+`,
	},
	{
		"moto does not read an ARN that is none", "GetSubscriptionAttributes|SetSubscriptionAttributes|Unsubscribe",
		`InvalidParameter: Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1`,
		`NotFound: .+|{}`,
	},
	{
		"moto takes a topic that does not exist for an endpoint", "Publish",
		`NotFound: Topic does not exist`,
		`NotFound: Endpoint does not exist`,
	},
	{
		"moto has words of its own for the name of a topic", "CreateTopic",
		`InvalidParameter: Invalid parameter: Topic Name`,
		`InvalidParameter: Topic names must be made up .+`,
	},
	{
		"moto names the subscription that does not exist", "SetSubscriptionAttributes|GetSubscriptionAttributes",
		`NotFound: Subscription does not exist`,
		`NotFound: Subscription with arn .+ not found`,
	},
}
