// Command speechless is a subscriber of restaurant_confirmed_order that logs nothing.
package main

import (
	"context"

	"github.com/less-go/less"
	"github.com/less-go/less/less/shared/order"
	"github.com/less-go/less/less/topics"
)

func main() {
	less.ServeTopic(topics.RestaurantConfirmedOrder, func(context.Context, order.Order) error { return nil })
}
