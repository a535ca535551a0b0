variable "webhook_ids" {
  description = "Map of a label to the ID of each webhook preference."
  type        = map(string)
}

import {
  for_each = var.webhook_ids
  to       = wingspan_webhook_preference.payments[each.key]
  id       = each.value
}

resource "wingspan_webhook_preference" "payments" {
  for_each = var.webhook_ids

  url               = "https://hooks.example.com/wingspan/${each.key}"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
}
