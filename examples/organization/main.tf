terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "child_accounts" {
  description = "The child accounts of the organization: a name of your choice, and Wingspan's id."
  type        = map(string)
}

variable "webhook_secrets" {
  description = "The secret of each child account's webhook, by the same names."
  type        = map(string)
  ephemeral   = true
}

# One provider block and one token serve all accounts that the token's user may act for.
resource "wingspan_webhook_preference" "payments" {
  for_each = var.child_accounts

  user_id           = each.value
  url               = "https://hooks.example.com/wingspan/${each.key}"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secrets[each.key]
  shared_secret_wo_version = 1
}

output "webhook_ids" {
  value = { for name, webhook in wingspan_webhook_preference.payments : name => webhook.id }
}
