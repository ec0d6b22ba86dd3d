// Package restaurantorderconfirmationfailed is the topic restaurant_order_confirmation_failed: the restaurant declined the order, which is paid already.
package restaurantorderconfirmationfailed

import "github.com/less-go/less/less/shared/order"

// Message is what the topic carries.
type Message = order.Order
