package scan

// SubscriberFields and RouteFields are the fields that settings may have.
func SubscriberFields() []string { return subscriberKind.fields() }

// RouteFields is SubscriberFields for routes.
func RouteFields() []string { return routeKind.fields() }
