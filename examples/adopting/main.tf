terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "webhook_id" {
  description = "The id of the webhook preference that exists."
  type        = string
}

import {
  to = wingspan_webhook_preference.payments
  id = var.webhook_id
}

# No secret: the one that Wingspan has is kept, and this configuration never needs to know it.
resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
}
