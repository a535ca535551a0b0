variable "webhook_secret" {
  description = "What Wingspan signs the events with. The receiver needs the same."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secret
  shared_secret_wo_version = 1 # Raise it to send another secret.
}
