variable "package" {
  description = "Path of the ZIP file with the code of the function."
  type        = string
  default     = "receiver.zip"
}

variable "subscribed_events" {
  description = "Names of the events to receive."
  type        = set(string)
  default     = ["Invoice.Paid", "Invoice.PaymentFailed"]
}

variable "webhook_secret_version" {
  description = "Increment to generate, store, and send a new secret."
  type        = number
  default     = 1
}

variable "signature_header" {
  description = "Header with the signature. Empty to find it in the log."
  type        = string
  default     = ""
}

variable "signature_encoding" {
  description = "Encoding of the signature."
  type        = string
  default     = "hex"

  validation {
    condition     = contains(["hex", "base64"], var.signature_encoding)
    error_message = "The encoding must be hex or base64."
  }
}
