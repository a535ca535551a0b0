terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "webhook_secrets" {
  description = "Map of a label to a secret: one normally, two during rotation."
  type        = map(string)
  ephemeral   = true
}

variable "active" {
  description = "Labels of the secrets that have a webhook."
  type        = set(string)
}

resource "wingspan_webhook_preference" "payments" {
  for_each = var.active

  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secrets[each.key]
  shared_secret_wo_version = 1

  # While two are active, Wingspan delivers each event twice, once signed with
  # each secret.
  allow_duplicate = true
}
