data "wingspan_event_names" "all" {}

locals {
  # A name is opaque to Wingspan's clients. To filter by its spelling is your own decision: look at what it selects.
  failures = [for name in data.wingspan_event_names.all.names : name if strcontains(name, "Failed")]
}

output "failures" {
  value = local.failures
}
