package lambda

import (
	"encoding/json"
	"net/http"

	"github.com/google/uuid"
)

// The headers of the Extensions API.
const (
	headerExtensionName = "Lambda-Extension-Name"
	headerExtensionID   = "Lambda-Extension-Identifier"
)

// serveRegister registers an extension inside the process. What it is good for
// is that the process gets SIGTERM before it is killed, which is how Go handlers
// ask for it. No events are delivered here, so one that wants some is refused.
func (e *environment) serveRegister(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(headerExtensionName) == "" {
		refuse(w, &refusal{http.StatusForbidden, "Empty extension name", "Extension.InvalidExtensionName"})
		return
	}
	body, no := readBody(r)
	if no != nil {
		refuse(w, no)
		return
	}
	var request struct {
		Events []string `json:"events"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		refuse(w, &refusal{http.StatusForbidden, err.Error(), "InvalidRequestFormat"})
		return
	}
	if len(request.Events) > 0 {
		refuse(w, &refusal{
			http.StatusForbidden,
			request.Events[0] + ": event is not supported here. Register the extension without events.",
			"Extension.InvalidEventType",
		})
		return
	}
	id := uuid.NewString()
	e.host.mu.Lock()
	early := !e.initialised
	if early {
		e.extensions[id] = true
	}
	e.host.mu.Unlock()
	if !early {
		refuse(w, &refusal{http.StatusForbidden, "Extension registration closed already", "Extension.RegistrationClosed"})
		return
	}
	w.Header().Set(headerExtensionID, id)
	answer, _ := json.Marshal(struct { // strings always marshal
		FunctionName    string `json:"functionName"`
		FunctionVersion string `json:"functionVersion"`
		Handler         string `json:"handler"`
	}{e.function.Name, "$LATEST", "bootstrap"})
	reply(w, http.StatusOK, answer)
}

// serveExtensionNext blocks for as long as the extension lives: it has asked for
// no event.
func (e *environment) serveExtensionNext(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get(headerExtensionID)
	e.host.mu.Lock()
	known := e.extensions[id]
	e.host.mu.Unlock()
	if !known {
		refuse(w, &refusal{http.StatusForbidden, "Unknown extension " + id, "Extension.UnknownExtensionIdentifier"})
		return
	}
	<-r.Context().Done()
}
