terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "child_accounts" {
  description = "Map of a label to the account ID of each child account."
  type        = map(string)
}

variable "webhook_secrets" {
  description = "Map of the same labels to shared secrets."
  type        = map(string)
  ephemeral   = true
}

# A single provider configuration manages every account that the token's user
# can access.
resource "wingspan_webhook_preference" "payments" {
  for_each = var.child_accounts

  user_id           = each.value
  url               = "https://hooks.example.com/wingspan/${each.key}"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secrets[each.key]
  shared_secret_wo_version = 1
}

output "webhook_ids" {
  value = {
    for name, webhook in wingspan_webhook_preference.payments :
    name => webhook.id
  }
}
