variable "url" {
  description = "URL that receives the events."
  type        = string
  default     = "https://hooks.example.com/wingspan"
}

variable "subscribed_events" {
  description = "Names of the events to send."
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
