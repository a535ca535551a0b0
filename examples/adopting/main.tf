terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "webhook_id" {
  description = "ID of the existing webhook preference."
  type        = string
}

import {
  to = wingspan_webhook_preference.payments
  id = var.webhook_id
}

# No secret argument: Wingspan keeps the current secret.
resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
}
