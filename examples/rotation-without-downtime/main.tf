terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "webhook_secrets" {
  description = "The secrets by names of your choice: one in quiet times, two while the secret is rotated."
  type        = map(string)
  ephemeral   = true
}

variable "active" {
  description = "The names of the secrets that have a webhook now."
  type        = set(string)
}

resource "wingspan_webhook_preference" "payments" {
  for_each = var.active

  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secrets[each.key]
  shared_secret_wo_version = 1

  # While two are active, Wingspan delivers each event twice: once signed with the old secret, once with the new one.
  allow_duplicate = true
}
