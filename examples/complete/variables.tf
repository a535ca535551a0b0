variable "url" {
  description = "Where Wingspan delivers the events."
  type        = string
  default     = "https://hooks.example.com/wingspan"
}

variable "subscribed_events" {
  description = "The names of the events to deliver."
  type        = set(string)
  default     = ["Invoice.Paid", "Invoice.PaymentFailed"]
}

variable "webhook_secret" {
  description = "A new random secret: export TF_VAR_webhook_secret=\"$(openssl rand -hex 32)\""
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "webhook_secret_version" {
  description = "Raise it by one to rotate the secret, and after an apply that failed half-way."
  type        = number
  default     = 1
}

variable "store_command" {
  description = "A command that puts the environment variable WEBHOOK_SECRET into your secret store."
  type        = string
}
