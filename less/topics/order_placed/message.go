// Package orderplaced is the topic order_placed: an order was created and waits for its payment.
package orderplaced

import "github.com/less-go/less/less/shared/order"

// Message is what the topic carries.
type Message = order.Order
