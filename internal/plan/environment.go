package plan

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/less-go/less/internal/event"
)

// Environment is what f is told by its environment on AWS. topicPrefix is what stands
// before the name of a topic in its ARN.
func (d Deployment) Environment(f Function, topicPrefix string) map[string]string {
	all := map[string]string{}
	for name, value := range f.Env {
		all[name] = string(value)
	}
	all[event.EnvFunction] = f.ID
	all[event.EnvTopicPrefix] = topicPrefix
	if d.Gateway == REST {
		// A REST API passes answers on as they are: the function says who may read them.
		for _, api := range d.APIs {
			if api.CORS != nil && strings.HasPrefix(f.ID, api.ID+"/") {
				all[event.EnvOrigins] = strings.Join(api.CORS.Origins, ",")
			}
		}
	}
	return all
}

// environmentSize is how long the environment of f is at most, as Lambda measures it: the
// longest region stands for the one that is not known here.
func (d Deployment) environmentSize(f Function) int {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(d.Environment(f, "arn:aws-us-gov:sns:ap-southeast-1:000000000000:"+d.TopicPrefix)) // texts always encode
	return text.Len() - 1                                                                                 // without the end of the line
}
