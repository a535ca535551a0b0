data "wingspan_webhook_preferences" "all" {}

output "import_blocks" {
  description = "An import block for each webhook preference in the account."
  value = join("\n", [
    for i, webhook in data.wingspan_webhook_preferences.all.preferences :
    <<-EOT
    # ${jsonencode(webhook.url)}
    import {
      to = wingspan_webhook_preference.webhook_${i + 1}
      id = "${webhook.user_id}/${webhook.id}"
    }
    EOT
  ])
}
