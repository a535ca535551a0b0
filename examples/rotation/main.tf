terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "webhook_secret" {
  description = "Shared secret that Wingspan uses to sign events."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "webhook_secret_version" {
  description = "Increment to send a new webhook_secret."
  type        = number
  default     = 1
}

resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secret
  shared_secret_wo_version = var.webhook_secret_version
}
