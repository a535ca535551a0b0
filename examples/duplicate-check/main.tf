terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

# Outside of the check: a data source inside shows as a change in every plan.
data "wingspan_webhook_preferences" "all" {}

locals {
  ids_by_url = {
    for webhook in data.wingspan_webhook_preferences.all.preferences :
    webhook.url => webhook.id...
  }
  duplicates = [
    for url, ids in local.ids_by_url : "${url} (${join(", ", ids)})"
    if length(ids) > 1
  ]
}

# Checks only warn.
check "unique_urls" {
  assert {
    condition     = length(local.duplicates) == 0
    error_message = "Duplicate webhooks: ${join(", ", local.duplicates)}."
  }
}
