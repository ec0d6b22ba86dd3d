// Package paymentsuccess is the topic payment_success: the order is paid.
package paymentsuccess

import "github.com/less-go/less/less/shared/order"

// Message is what the topic carries.
type Message = order.Order
