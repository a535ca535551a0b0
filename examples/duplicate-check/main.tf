terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

# A check only warns. It sees every webhook of the account, whoever made it.
check "each_url_is_registered_once" {
  data "wingspan_webhook_preferences" "all" {}

  assert {
    condition = length(distinct(data.wingspan_webhook_preferences.all.preferences[*].url)) == length(data.wingspan_webhook_preferences.all.preferences)
    error_message = format(
      "These URLs are registered more than once, so that events may arrive twice: %s.",
      join(", ", [
        for url, ids in {
          for p in data.wingspan_webhook_preferences.all.preferences : p.url => p.id...
        } : "${url} (${join(", ", ids)})" if length(ids) > 1
      ]),
    )
  }
}
