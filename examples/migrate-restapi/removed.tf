removed {
  from = restapi_object.payments

  lifecycle {
    destroy = false
  }
}

import {
  to = wingspan_webhook_preference.payments
  id = "5fKq2mZt8RwXcV1nB7yLdA"
}

# Replaces resource "restapi_object" "payments".
resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
}
