package less

import "context"

// ServeExternalTopic is the main function of a subscriber of another application's
// topic: it handles the messages of topic, which the application app publishes, with
// process, and never returns. They are handled as [ServeTopic] describes.
//
// app is the name that less/external_topics has for the application; which deployment
// of it is meant is said in less.config. M is what this application takes from the
// topic: the publisher's own type, or one with the fields of it that matter here. There is no [Topic]
// to publish to, since an application's topics are its own to publish to.
func ServeExternalTopic[M any](app, topic string, process func(context.Context, M) error) {
	serve(ExternalTopicFunction(identity(), app, topic, process))
}

// ExternalTopicFunction returns the function with the given identity that handles the
// messages of another application's topic with process, as [ServeExternalTopic]
// describes. It takes the settings that the subscriber declares, at most one value.
func ExternalTopicFunction[M any](id, app, topic string, process func(context.Context, M) error, settings ...Subscriber) Function {
	return topicFunction("less.ExternalTopicFunction", id, app+"/"+topic, process, settings)
}
