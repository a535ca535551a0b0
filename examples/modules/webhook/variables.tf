variable "url" {
  description = "Where Wingspan delivers the events. It must use https: the events are about payments."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[^/?#]+", var.url))
    error_message = "url must begin with https:// and name a host."
  }
}

variable "subscribed_events" {
  description = "The names of the events to deliver. The data source wingspan_event_names lists those that there are."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.subscribed_events) > 0
    error_message = "subscribed_events must name at least one event."
  }
}

variable "secret" {
  description = "What Wingspan signs the events with. It is in no plan and in no state."
  type        = string
  sensitive   = true
  ephemeral   = true
  nullable    = false

  validation {
    condition     = length(var.secret) >= 32
    error_message = "secret must have 32 characters or more, such as the output of `openssl rand -hex 32`."
  }
}

variable "secret_version" {
  description = "Raise it by one whenever secret is another one. Only then is the secret sent."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.secret_version >= 1 && floor(var.secret_version) == var.secret_version
    error_message = "secret_version must be a whole number from 1 on."
  }
}

variable "user_id" {
  description = "The id of the account that owns the webhook. The default is the provider's user_id, or else the token's own account."
  type        = string
  default     = null
}
