package plan

import "fmt"

// TopicsAPIAsAPI is the Topics API in the terms of an API: it has a log and an alarm
// like the others.
func (d Deployment) TopicsAPIAsAPI() API { return API{ID: "topics_api", Name: "topics-api"} }

// checkTopicsAPI finds more topics than the role of the Topics API can name.
func (d Deployment) checkTopicsAPI() error {
	if !d.TopicsAPI {
		return nil
	}
	size := 600 // its key, and what is around the topics
	for _, t := range d.Topics {
		size += 70 + len(t.Resource) // an ARN in the longest region, and its quotes
	}
	if size > maxRolePolicy {
		return fmt.Errorf("less/topics: %d topics, more than the policy of the Topics API's role holds. Set topics_api to false in less.config, or divide the application", len(d.Topics))
	}
	return nil
}
