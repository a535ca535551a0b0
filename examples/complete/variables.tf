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
  description = "Random secret, for example from openssl rand -hex 32."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "webhook_secret_version" {
  description = "Increment to store and send a new webhook_secret."
  type        = number
  default     = 1
}

variable "store_command" {
  description = "Command that stores the environment variable WEBHOOK_SECRET."
  type        = string
}
