// Package deliverypartnerassigned is the topic delivery_partner_assigned: somebody is on the way to fetch the order.
package deliverypartnerassigned

import "github.com/less-go/less/less/shared/order"

// Message is what the topic carries.
type Message = order.Order
