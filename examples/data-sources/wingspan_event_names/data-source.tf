data "wingspan_event_names" "all" {}

locals {
  # Wingspan doesn't document a naming scheme: check what the filter selects.
  failures = [
    for name in data.wingspan_event_names.all.names :
    name if strcontains(name, "Failed")
  ]
}

output "failures" {
  value = local.failures
}
