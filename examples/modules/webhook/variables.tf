variable "url" {
  description = "HTTPS URL that receives the events."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[^/?#]+", var.url))
    error_message = "url must start with https:// and include a host."
  }
}

variable "subscribed_events" {
  description = "Names of the events to send."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.subscribed_events) > 0
    error_message = "subscribed_events must contain at least one event name."
  }
}

variable "secret" {
  description = "Shared secret. Never stored in the plan or state."
  type        = string
  sensitive   = true
  ephemeral   = true
  nullable    = false

  validation {
    condition     = length(var.secret) >= 32
    error_message = "secret must contain at least 32 characters."
  }
}

variable "secret_version" {
  description = "Increment to send a new secret."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition = (
      var.secret_version >= 1 &&
      floor(var.secret_version) == var.secret_version
    )
    error_message = "secret_version must be a positive integer."
  }
}

variable "user_id" {
  description = "ID of the account. Defaults to the account of the provider."
  type        = string
  default     = null
}
