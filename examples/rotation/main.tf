terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "webhook_secret" {
  description = "What Wingspan signs the events with."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "webhook_secret_version" {
  description = "Raise it by one whenever webhook_secret is another one. Only then is the secret sent."
  type        = number
  default     = 1
}

resource "wingspan_webhook_preference" "payments" {
  url               = "https://hooks.example.com/wingspan"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]

  shared_secret_wo         = var.webhook_secret
  shared_secret_wo_version = var.webhook_secret_version
}
