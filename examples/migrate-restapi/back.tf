removed {
  from = wingspan_webhook_preference.payments

  lifecycle {
    destroy = false
  }
}

import {
  to = restapi_object.payments
  id = "/integrations/webhooks/preference/5fKq2mZt8RwXcV1nB7yLdA"
}

variable "webhook_secret" {
  description = "Shared secret of the webhook. restapi stores it in the state."
  type        = string
  sensitive   = true
}

resource "restapi_object" "payments" {
  path = "/integrations/webhooks/preference"
  data = jsonencode({
    url              = "https://hooks.example.com/wingspan"
    sharedSecret     = var.webhook_secret
    subscribedEvents = ["Invoice.Paid", "Invoice.PaymentFailed"]
  })
}
