variable "webhook_secret" {
  description = "Shared secret that Wingspan uses to sign events."
  type        = string
  sensitive   = true
}

# For Terraform and OpenTofu before 1.11. Stores the secret in the state in plain
# text.
resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  shared_secret     = var.webhook_secret
}
