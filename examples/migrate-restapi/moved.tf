moved {
  from = restapi_object.payments
  to   = wingspan_webhook_preference.payments
}

# Replaces resource "restapi_object" "payments".
resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
}
