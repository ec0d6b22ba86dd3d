// Package restaurantconfirmedorder is the topic restaurant_confirmed_order: the restaurant cooks the order.
package restaurantconfirmedorder

import "github.com/less-go/less/less/shared/order"

// Message is what the topic carries.
type Message = order.Order
