variable "webhook_secret" {
  description = "What Wingspan signs the events with. The receiver needs the same."
  type        = string
  sensitive   = true
}

# For Terraform and OpenTofu before 1.11. The state holds the secret in plain text.
resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  shared_secret     = var.webhook_secret
}
