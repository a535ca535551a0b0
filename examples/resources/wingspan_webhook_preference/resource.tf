variable "webhook_secret" {
  description = "Shared secret that Wingspan uses to sign events."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secret
  shared_secret_wo_version = 1 # Increment to send a new secret.
}
