package orders_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/functions"
	"github.com/less-go/less/less/shared/order"
	"github.com/less-go/less/lesstest"
)

// The whole workflow of the article, in memory: an order is posted, and the
// subscribers of all services do their part.

func TestAConfirmedOrderIsPaidCookedAndDelivered(t *testing.T) {
	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
		place(t, app, order.Confirm)
		app.Settle()
		want := []string{
			"topics/delivery_partner_assigned/notification_service_notify_user",
			"topics/delivery_partner_assigned/order_service_update_order_status",
			"topics/order_placed/payment_service_process_payment",
			"topics/payment_success/restaurant_service_confirm_order",
			"topics/restaurant_confirmed_order/delivery_partner_service_assign_delivery_partner",
			"topics/restaurant_confirmed_order/loyalty_service_add_loyalty_points",
			"topics/restaurant_confirmed_order/notification_service_notify_user",
			"topics/restaurant_confirmed_order/order_service_update_order_status",
		}
		if diff := cmp.Diff(want, succeeded(t, app)); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
	})
}

func TestARejectedOrderIsRefunded(t *testing.T) {
	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
		place(t, app, order.Reject)
		app.Settle()
		want := []string{
			"topics/order_placed/payment_service_process_payment",
			"topics/payment_reversed/notification_service_notify_user",
			"topics/payment_success/restaurant_service_confirm_order",
			"topics/restaurant_order_confirmation_failed/notification_service_notify_user",
			"topics/restaurant_order_confirmation_failed/order_service_update_order_status",
			"topics/restaurant_order_confirmation_failed/payment_service_initiate_payment_reversal",
		}
		if diff := cmp.Diff(want, succeeded(t, app)); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
	})
}

func TestAKitchenThatDoesNotAnswerIsAskedFiveTimesAndThenGivenUp(t *testing.T) {
	const restaurant = "topics/payment_success/restaurant_service_confirm_order"
	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
		placed := place(t, app, order.Crash)
		app.Settle()

		var attempts []time.Time
		for _, run := range app.Runs() {
			if run.Function == restaurant {
				if !run.Failed || run.Attempt != len(attempts)+1 {
					t.Errorf("run %+v, want failed attempt %d", run, len(attempts)+1)
				}
				attempts = append(attempts, run.Time)
			} else if run.Failed {
				t.Errorf("%s failed, which has nothing to do with the kitchen", run.Function)
			}
		}
		if len(attempts) != 5 {
			t.Fatalf("%d attempts, want 5", len(attempts))
		}
		for i, at := range attempts[1:] {
			if pause := at.Sub(attempts[i]); pause != 3*time.Minute {
				t.Errorf("attempt %d came %v after the one before, want one visibility timeout of 3m", i+2, pause)
			}
		}
		dead := app.DeadLetters()
		if len(dead) != 1 || dead[0].Function != restaurant || dead[0].Attempts != 5 {
			t.Fatalf("dead letters = %+v, want one of %s after 5 attempts", dead, restaurant)
		}
		var letter order.Order
		dead[0].Decode(t, &letter)
		if diff := cmp.Diff(placed, letter); diff != "" {
			t.Errorf("the dead letter is not the order (-want +got):\n%s", diff)
		}
	})
}

func TestWithoutAPinTheRestaurantDecidesAndEveryOrderEnds(t *testing.T) {
	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
		const orders = 20
		for range orders {
			place(t, app, "")
		}
		app.Settle()
		ended := map[string]int{}
		for _, function := range succeeded(t, app) {
			ended[function]++
		}
		confirmed := ended["topics/restaurant_confirmed_order/loyalty_service_add_loyalty_points"]
		refunded := ended["topics/payment_reversed/notification_service_notify_user"]
		if confirmed+refunded != orders {
			t.Errorf("%d orders confirmed and %d refunded, want %d in all", confirmed, refunded, orders)
		}
	})
}

func TestAnUnknownOutcomeIsRefused(t *testing.T) {
	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
		if got := app.Call("POST", "/orders", `{"simulate":"explode"}`); got.Status != http.StatusBadRequest {
			t.Errorf("status %d, want 400: %s", got.Status, got.Body)
		}
		app.Settle()
		if runs := app.Runs(); len(runs) != 0 {
			t.Errorf("a refused order led to %d runs", len(runs))
		}
	})
}

// place posts an order and checks the answer.
func place(t *testing.T, app *lesstest.App, outcome order.Outcome) order.Order {
	t.Helper()
	req := order.Request{Customer: "Cesaria", Items: []string{"cachupa"}, Simulate: outcome}
	resp := app.Call("POST", "/orders", req)
	if resp.Status != http.StatusCreated {
		t.Fatalf("POST /orders: %d %s", resp.Status, resp.Body)
	}
	var placed order.Order
	resp.Decode(t, &placed)
	if placed.ID == "" {
		t.Error("the order has no id")
	}
	if diff := cmp.Diff(req, placed.Request); diff != "" {
		t.Errorf("the order is not what was posted (-want +got):\n%s", diff)
	}
	return placed
}

// succeeded lists the subscribers that ran, and reports those that failed.
func succeeded(t *testing.T, app *lesstest.App) []string {
	t.Helper()
	var functions []string
	for _, run := range app.Runs() {
		if run.Failed {
			t.Errorf("%s failed at attempt %d", run.Function, run.Attempt)
		}
		functions = append(functions, run.Function)
	}
	slices.Sort(functions)
	return functions
}
